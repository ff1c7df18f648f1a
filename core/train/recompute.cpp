// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/recompute.h"

#include "core/base/check.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace cw {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct KeptWork : torch::CustomClassHolder {
  LayerWork again;
  Workers workers;
};

struct RecomputedFunction : Function<RecomputedFunction> {
  // LibTorch records nothing in here.
  static Variable forward(AutogradContext* ctx, const Variable& input, const LayerWork& first, LayerWork again,
                          const Workers& workers) {
    auto kept = c10::make_intrusive<KeptWork>();
    kept->again = std::move(again);
    kept->workers = workers;
    ctx->saved_data["kept"] = c10::IValue::make_capsule(std::move(kept));
    ctx->save_for_backward({input});
    return first(input);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto kept = c10::static_intrusive_pointer_cast<KeptWork>(ctx->saved_data["kept"].toCapsule());
    kept->workers.check();
    const at::AutoGradMode record(true);
    const at::Tensor input = ctx->get_saved_variables()[0].detach().set_requires_grad(true);
    torch::autograd::backward({kept->again(input)}, {gradients[0]});
    return {input.grad(), Variable(), Variable(), Variable()};
  }
};

}  // namespace

at::Tensor recomputed(const at::Tensor& input, const LayerWork& first, LayerWork again, const Workers& workers) {
  CW_ASSERT(input.requires_grad());
  return RecomputedFunction::apply(input, first, std::move(again), workers);
}

}  // namespace cw
