// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// What ridge regression says of rows that it has not seen.
struct RidgeFit {
  std::vector<double> predicted;  ///< [test]
  double penalty = 0.0;           ///< the one chosen
};

/// Ridge regression on columns standardised over the training rows. Of the penalties 0.1, 1, ..., 100,000 the one with
/// the smallest mean squared error when every training row is left out once is taken, which costs one
/// eigendecomposition; equal to scikit-learn's RidgeCV behind a StandardScaler.
///
/// Shapes   `target` [rows of `features`], read at `train` only.
/// Errors   kRefused E-EVA-011 (fewer than three training rows), kCancelled.
/// Repeat   the number of threads does not matter.
[[nodiscard]] Result<RidgeFit> ridge_regression(MatrixView features, std::span<const double> target,
                                                std::span<const std::int64_t> train, std::span<const std::int64_t> test,
                                                int num_threads, JobContext& ctx);

}  // namespace cw
