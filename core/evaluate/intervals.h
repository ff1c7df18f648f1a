// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/stats/descriptive.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// What would be drawn anew if the experiment were repeated.
struct Replicates {
  std::string over;                   ///< "donors", "folds", "genes", ...; "cells" where nothing better is known
  std::vector<std::int32_t> cluster;  ///< [N] which replicate a row belongs to; empty: every row is one
  std::int64_t count = 0;             ///< number of replicates
  [[nodiscard]] bool clustered() const noexcept { return !cluster.empty(); }
};

/// Donors where two or more are known for every row, else folds, else the rows themselves.
[[nodiscard]] Replicates choose_replicates(std::span<const std::int32_t> groups, const std::string& group_unit,
                                           std::span<const std::int32_t> folds, const std::string& unit,
                                           std::int64_t num_rows);

struct IntervalOptions {
  double level = 0.95;
  int num_resamples = 1000;  ///< of the bootstrap over rows
  std::uint64_t seed = 42;
  int num_threads = 0;  ///< 0 = all
};

/// Figures with intervals, parallel vectors.
struct Estimates {
  std::vector<double> values;
  std::vector<Interval> intervals;  ///< NaN where not defined
  std::string over;
  std::int64_t num_replicates = 0;
};

/// Computes `count` figures of the rows, each with a weight (0 = left out, 2 = drawn twice). Called by several threads.
using WeightedFigures = std::function<void(std::span<const double> weights, std::span<double> figures)>;

/// Figures of all rows with intervals.
///
/// Clusters  delete-one jackknife: t interval of G - 1 degrees of freedom around the figure of all rows. For a mean
/// over
///           clusters of equal size this is the t interval of the clusters' means; it stays honest with few donors,
///           where a bootstrap is too narrow (Cameron and Miller 2015).
/// Rows      percentile bootstrap; too narrow when rows of one donor are alike, which the caller says with a flag.
/// Errors    kCancelled.
/// Repeat    equal for equal seed, whatever the number of threads.
[[nodiscard]] Result<Estimates> estimate(std::int64_t num_rows, std::size_t count, const WeightedFigures& figures,
                                         const Replicates& replicates, const IntervalOptions& options, JobContext& ctx);

}  // namespace cw
