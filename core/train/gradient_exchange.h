// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/train/parameters.h"

#include <span>

namespace cw {

/// How the processes of one training run agree. The loop calls it at the same points in every process, so several
/// processes can be added behind it without a change to the loop: each takes every `num_ranks`th batch, sums go over
/// all. Sums must come out with the same bits everywhere, so that all copies of the weights stay equal.
class GradientExchange {
 public:
  virtual ~GradientExchange() = default;
  [[nodiscard]] virtual int rank() const noexcept = 0;
  [[nodiscard]] virtual int num_ranks() const noexcept = 0;
  /// Replaces every value by its sum over all processes.
  virtual Result<> sum(std::span<double> values) = 0;
  /// Replaces the gradients by their sum over all processes.
  virtual Result<> sum_gradients(Parameters& parameters) = 0;
};

/// One process: every sum is there already.
class SingleProcess final : public GradientExchange {
 public:
  [[nodiscard]] int rank() const noexcept override { return 0; }
  [[nodiscard]] int num_ranks() const noexcept override { return 1; }
  Result<> sum(std::span<double> /*values*/) override { return {}; }
  Result<> sum_gradients(Parameters& /*parameters*/) override { return {}; }
};

}  // namespace cw
