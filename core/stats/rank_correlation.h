// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/stats/descriptive.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// A correlation of ranks with a two-sided p-value and a 95 % interval; NaN where it is not defined (fewer than two
/// pairs, or one side constant). The interval needs five pairs.
struct RankCorrelation {
  double value;
  double p;
  Interval ci;
  std::int64_t num_pairs;
};

/// Ranks from 1, ties get the average of their ranks.
[[nodiscard]] std::vector<double> average_ranks(std::span<const double> values);

/// Spearman's correlation of the pairs in which neither value is NaN. p from Student's t (scipy.stats.spearmanr);
/// interval by Fisher's transformation with the variance of Bonett and Wright (2000). Sizes must be equal.
[[nodiscard]] RankCorrelation spearman(std::span<const double> x, std::span<const double> y);

/// Kendall's tau-b of the pairs in which neither value is NaN, in O(n log n) (Knight 1966). p from the normal
/// approximation with ties (scipy.stats.kendalltau, method "asymptotic"); interval by Fisher's transformation with the
/// variance 0.437/(n − 4) of Fieller, Hartley and Pearson (1957). Sizes must be equal.
[[nodiscard]] RankCorrelation kendall(std::span<const double> x, std::span<const double> y);

}  // namespace cw
