// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/optimiser.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>

#include <cmath>

namespace cw {

void AdamW::update(Parameters& parameters, double learning_rate, std::int64_t step) const {
  const at::NoGradGuard no_gradients;
  for (ParameterGroup& group : parameters.groups()) {
    const at::Tensor count = at::full({}, static_cast<double>(step), at::kFloat);
    at::_fused_adamw_({group.values}, {group.gradients}, {group.first_moment}, {group.second_moment}, {}, {count},
                      learning_rate, beta1, beta2, group.decays ? weight_decay : 0.0, epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
}

double clip_gradients(Parameters& parameters, double largest) {
  const at::NoGradGuard no_gradients;
  double squares = 0.0;
  for (const ParameterGroup& group : parameters.groups()) {
    const double norm = at::linalg_vector_norm(group.gradients, 2).item<double>();
    squares += norm * norm;
  }
  const double norm = std::sqrt(squares);
  if (largest > 0.0 && norm > largest) {
    // The small constant is torch's: a norm of exactly `largest` stays a hair below it.
    for (ParameterGroup& group : parameters.groups()) group.gradients.mul_(largest / (norm + 1e-6));
  }
  return norm;
}

}  // namespace cw
