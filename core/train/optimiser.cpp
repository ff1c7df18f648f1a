// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/optimiser.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>

#include <algorithm>
#include <cmath>

namespace cw {

void AdamW::update(Parameters& parameters, double learning_rate, std::int64_t step,
                   const OffloadedState* offloaded) const {
  const at::NoGradGuard no_gradients;
  const at::Tensor count = at::full({}, static_cast<double>(step), at::kFloat);
  for (ParameterGroup& group : parameters.groups()) {
    for (const OwnElements& own : group.own) {
      const std::int64_t piece = offloaded != nullptr ? kPieceElements : own.count;
      for (std::int64_t done = 0; done < own.count; done += piece) {
        const std::int64_t size = std::min(piece, own.count - done);
        at::_fused_adamw_({group.values.narrow(0, own.begin + done, size)},
                          {group.gradients.narrow(0, own.begin + done, size)},
                          {group.first_moment.narrow(0, own.state + done, size)},
                          {group.second_moment.narrow(0, own.state + done, size)}, {}, {count}, learning_rate, beta1,
                          beta2, group.decays ? weight_decay : 0.0, epsilon, /*amsgrad=*/false, /*maximize=*/false);
        if (offloaded != nullptr) offloaded->release();
      }
    }
  }
}

Result<double> clip_gradients(Parameters& parameters, double largest, GradientExchange& exchange) {
  const at::NoGradGuard no_gradients;
  double squares = 0.0;
  for (const ParameterGroup& group : parameters.groups()) {
    for (const OwnElements& own : group.own) {
      // in double, so that the norm hardly depends on how the elements are shared out
      const double norm =
          at::linalg_vector_norm(group.gradients.narrow(0, own.begin, own.count), 2, {}, false, at::kDouble)
              .item<double>();
      squares += norm * norm;
    }
  }
  CW_TRY(exchange.sum_of_own(squares));
  const double norm = std::sqrt(squares);
  if (largest > 0.0 && norm > largest) {
    for (ParameterGroup& group : parameters.groups()) {
      for (const OwnElements& own : group.own) {
        // The small constant is torch's: a norm of exactly `largest` stays a hair below it.
        group.gradients.narrow(0, own.begin, own.count).mul_(largest / (norm + 1e-6));
      }
    }
  }
  return norm;
}

}  // namespace cw
