// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/stats/descriptive.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Resamples of the cells of a run with replacement, drawn once and shared by all perturbations: cells are what a new
/// experiment would draw anew, and each keeps the values of all perturbations together.
/// A perturbation measured in some of the cells uses those that a resample contains.
///
/// Repeat   equal for equal seed, whatever the number of threads: each resample has its own generator.
/// Cost     num_cells · num_resamples bytes; an interval costs one multiply-add per value and resample.
class CellBootstrap {
 public:
  CellBootstrap(std::int64_t num_cells, int num_resamples, std::uint64_t seed);

  /// Percentile interval of the mean of `values`, where values[i] belongs to cell cells[i]. Resamples that contain none
  /// of the cells are left out. NaN of no values. Thread safe.
  [[nodiscard]] Interval mean_interval(std::span<const std::int32_t> cells, std::span<const float> values,
                                       double level = 0.95) const;

 private:
  static constexpr int kLanes = 16;  // resamples summed at once, in registers

  std::int64_t num_cells_;
  int num_resamples_;
  std::vector<std::uint8_t> counts_;  // [blocks of kLanes resamples, cells, kLanes]: how often a cell was drawn
};

/// Percentile bootstrap interval of the mean of independent values. NaN of no values.
[[nodiscard]] Interval bootstrap_mean_interval(std::span<const float> values, int num_resamples, std::uint64_t seed,
                                               double level = 0.95);

}  // namespace cw
