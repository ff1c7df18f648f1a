// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/gradient_exchange.h"
#include "core/train/offloaded_state.h"

namespace cw {

/// AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW computes it.
struct AdamW {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;

  /// One update, at rate `learning_rate`, of the elements that this process updates; `step` counts from 1. With
  /// `offloaded`, where the state of `parameters` is, piece by piece, with the same result.
  void update(Parameters& parameters, double learning_rate, std::int64_t step,
              const OffloadedState* offloaded = nullptr) const;

  static constexpr std::int64_t kPieceElements = std::int64_t{1} << 20U;  ///< 8 MB of state in memory at a time
};

/// Euclidean norm of all gradients. If it is above `largest` (and that above 0), those of the elements that this
/// process updates are scaled down to it, as torch.nn.utils.clip_grad_norm_ does. Returns the norm before. Errors:
/// those of the exchange.
[[nodiscard]] Result<double> clip_gradients(Parameters& parameters, double largest, GradientExchange& exchange);

}  // namespace cw
