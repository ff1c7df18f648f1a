// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/train/packed_functions.h"
#include "core/train/product.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace cw {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr std::int64_t kRowsAtOnce = 512;  // of logits: 52 MB for the V1 vocabulary

struct DecoderGradients {
  at::Tensor x, weight, bias;
};

// Logits of rows [first, first + count) into `logits`, then their loss; the logits become their own gradient times
// `factor` unless that is 0.
double cross_entropy_of_rows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                             const std::int64_t* targets, const at::Tensor& logits, float factor,
                             const Workers& workers) {
  const std::int64_t vocabulary = weight.size(0);
  Product p;
  p.a = {x.const_data_ptr<float>(), x.size(1), 1};
  p.b = {weight.const_data_ptr<float>(), 1, weight.size(1)};
  p.c = logits.data_ptr<float>();
  p.c_stride = vocabulary;
  p.rows = x.size(0);
  p.columns = vocabulary;
  p.inner = x.size(1);
  p.bias = bias.const_data_ptr<float>();
  multiply(p, workers);
  std::vector<double> losses(static_cast<std::size_t>(p.rows));
  parallel_for(0, p.rows, 4, workers.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end && !workers.stopped(); ++i) {
      losses[static_cast<std::size_t>(i)] =
          train_kernels().cross_entropy(p.c + i * vocabulary, vocabulary, targets[i], factor);
    }
  });
  double total = 0.0;
  for (const double loss : losses) total += loss;
  return total;
}

void add_gradients(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& d_logits, const at::Tensor& dx,
                   DecoderGradients& gradients, const Workers& workers) {
  const std::int64_t vocabulary = weight.size(0);
  const std::int64_t hidden = weight.size(1);
  Product to_x;
  to_x.a = {d_logits.const_data_ptr<float>(), vocabulary, 1};
  to_x.b = {weight.const_data_ptr<float>(), hidden, 1};
  to_x.c = dx.data_ptr<float>();
  to_x.c_stride = hidden;
  to_x.rows = x.size(0);
  to_x.columns = hidden;
  to_x.inner = vocabulary;
  multiply(to_x, workers);
  Product to_weight;
  to_weight.a = {d_logits.const_data_ptr<float>(), 1, vocabulary};
  to_weight.b = {x.const_data_ptr<float>(), hidden, 1};
  to_weight.c = gradients.weight.data_ptr<float>();
  to_weight.c_stride = hidden;
  to_weight.rows = vocabulary;
  to_weight.columns = hidden;
  to_weight.inner = x.size(0);
  to_weight.accumulate = true;
  multiply(to_weight, workers);
  gradients.bias += at::sum(d_logits, 0);
}

struct DecoderLossFunction : Function<DecoderLossFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& weight, const Variable& bias,
                          const std::vector<std::int64_t>& targets, double scale, bool with_gradients,
                          const Workers& workers) {
    DecoderGradients gradients;
    if (with_gradients) gradients = {at::empty_like(x), at::zeros_like(weight), at::zeros_like(bias)};
    const std::int64_t most = std::min(kRowsAtOnce, x.size(0));
    const at::Tensor buffer = at::empty({most, weight.size(0)}, x.options());
    double total = 0.0;
    for (std::int64_t first = 0; first < x.size(0); first += kRowsAtOnce) {
      workers.check();
      const std::int64_t count = std::min(kRowsAtOnce, x.size(0) - first);
      const at::Tensor rows = x.narrow(0, first, count);
      const at::Tensor logits = buffer.narrow(0, 0, count);
      total += cross_entropy_of_rows(rows, weight, bias, targets.data() + first, logits,
                                     with_gradients ? static_cast<float>(scale) : 0.0F, workers);
      if (with_gradients) add_gradients(rows, weight, logits, gradients.x.narrow(0, first, count), gradients, workers);
    }
    if (with_gradients) ctx->save_for_backward({gradients.x, gradients.weight, gradients.bias});
    return at::full({}, total * scale, x.options().dtype(at::kDouble));
  }

  static variable_list backward(AutogradContext* ctx, variable_list outer) {
    variable_list gradients = ctx->get_saved_variables();
    const double factor = outer[0].item<double>();
    if (factor != 1.0) {
      for (at::Tensor& gradient : gradients) gradient = gradient * factor;
    }
    return {gradients[0], gradients[1], gradients[2], Variable(), Variable(), Variable(), Variable()};
  }
};

}  // namespace

at::Tensor decoder_cross_entropy(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                 const std::vector<std::int64_t>& targets, double scale, const Workers& workers) {
  const bool with_gradients =
      at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad() || bias.requires_grad());
  return DecoderLossFunction::apply(x.contiguous(), weight, bias, targets, scale, with_gradients, workers);
}

}  // namespace cw
