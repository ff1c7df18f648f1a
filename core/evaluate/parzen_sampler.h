// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/search_plan.h"

#include <span>

namespace cw {

/// A trial with a result, for the sampler: smaller values are better, more rungs come before any value.
struct Observation {
  Json settings;
  int rungs = 0;
  double value = 0.0;
};

/// Every setting evenly over its range. A function of (seed, trial) alone.
[[nodiscard]] Json random_settings(std::span<const SearchSetting> settings, std::uint64_t seed, std::int64_t trial);

/// Tree-structured Parzen estimator: the best quarter of the trials and the others are each smoothed to a density; of
/// 24 draws from the former, the one where it is largest in proportion to the latter. Source   Bergstra et al. 2011,
/// Algorithms for hyper-parameter optimization. Settings are taken as independent.
[[nodiscard]] Json parzen_settings(std::span<const SearchSetting> settings, std::span<const Observation> seen,
                                   std::uint64_t seed, std::int64_t trial);

}  // namespace cw
