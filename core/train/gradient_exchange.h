// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/train/parameters.h"

#include <cstddef>
#include <span>

namespace cw {

/// How the processes of one training run agree. The loop calls it at the same points in every process: each computes
/// its share of every batch, sums go over all. Sums come out with the same bits everywhere, so all copies of the
/// weights stay equal. Where nothing else is said, errors are those of `Transport`.
class GradientExchange {
 public:
  virtual ~GradientExchange() = default;
  [[nodiscard]] virtual int rank() const noexcept = 0;
  [[nodiscard]] virtual int num_ranks() const noexcept = 0;

  /// Replaces every value by its sum over all processes.
  virtual Result<> sum(std::span<double> values) = 0;
  /// Replaces the bytes by those of process 0.
  virtual Result<> from_first(std::span<std::byte> bytes) = 0;

  /// The backward pass that comes now is the last one of the step: gradients may be sent as soon as they are complete.
  virtual void last_backward_comes() = 0;
  /// Replaces the gradients by their sum over all processes: of the elements that this process updates at least.
  virtual Result<> sum_gradients(Parameters& parameters) = 0;
  /// Replaces a figure of those elements by its sum over all elements.
  virtual Result<> sum_of_own(double& figure) = 0;
  /// After an update: every process gets the elements that the others have updated.
  virtual Result<> gather_values(Parameters& parameters) = 0;
  /// Fills `whole_moments` of process 0. The gradients are undefined after it.
  virtual Result<> gather_moments(Parameters& parameters) = 0;
  /// The weights of process 0 become those of all.
  virtual Result<> spread_values(Parameters& parameters) = 0;
  /// So does the optimiser state, from `whole_moments` of process 0. The gradients are undefined after it.
  virtual Result<> spread_moments(Parameters& parameters) = 0;
};

/// One process: everything is there already.
class SingleProcess final : public GradientExchange {
 public:
  [[nodiscard]] int rank() const noexcept override { return 0; }
  [[nodiscard]] int num_ranks() const noexcept override { return 1; }
  Result<> sum(std::span<double> /*values*/) override { return {}; }
  Result<> from_first(std::span<std::byte> /*bytes*/) override { return {}; }
  void last_backward_comes() override {}
  Result<> sum_gradients(Parameters& /*parameters*/) override { return {}; }
  Result<> sum_of_own(double& /*figure*/) override { return {}; }
  Result<> gather_values(Parameters& /*parameters*/) override { return {}; }
  Result<> gather_moments(Parameters& parameters) override {
    parameters.whole_moments();
    return {};
  }
  Result<> spread_values(Parameters& /*parameters*/) override { return {}; }
  Result<> spread_moments(Parameters& /*parameters*/) override { return {}; }
};

}  // namespace cw
