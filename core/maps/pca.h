// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <vector>

namespace cw {

struct PcaOptions {
  /// Components wanted, 1 or more; fewer come back where rows or columns do not allow as many. 50 as in scanpy.
  int num_components = 50;
  /// Start of the iterative solver (more than 600 columns); the result differs by rounding only.
  std::uint64_t seed = 42;
  /// 0 = all.
  int num_threads = 0;
};

/// Principal components of N rows and D columns: K = min(wanted, D, N - 1), at least 1.
struct Pca {
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;
  std::int64_t num_components = 0;
  std::vector<float> scores;            ///< row-major [N, K]: the centred rows in the new axes
  std::vector<float> components;        ///< row-major [K, D]: unit length; the entry of largest size is positive
  std::vector<float> means;             ///< [D], subtracted from every row
  std::vector<double> variances;        ///< [K] along each component, divisor N - 1, falling
  std::vector<double> variance_ratios;  ///< [K] share of the total variance; 0 where all rows are equal
  double total_variance = 0.0;
};

/// Principal component analysis without scaling of the columns.
///
/// Source   Covariance matrix and its leading eigenvectors: exact solver up to 600 columns, thick-restart block Lanczos
///          up to 3000, beyond that the same on the data matrix without forming the covariance (randomised start).
/// Units    those of the input. Single precision with double sums; agrees with LAPACK to about 1e-5.
/// Errors   kInvalidArgument E-MAP-001 (a value is not finite), E-MAP-002 (no rows or no columns), kCancelled.
/// Repeat   equal for any number of threads.
/// Cost     O(N D^2) up to 3000 columns, else O(N D K) per step; N K + D^2 numbers of memory.
[[nodiscard]] Result<Pca> principal_components(MatrixView rows, const PcaOptions& options, JobContext& ctx);

/// The same for sparse rows, which are never all made dense.
[[nodiscard]] Result<Pca> principal_components(const SparseView& rows, const PcaOptions& options, JobContext& ctx);

/// Scores of further rows in the axes of `pca`: row-major [N, K]. Errors: kShape E-MAP-003.
[[nodiscard]] Result<std::vector<float>> project(const Pca& pca, MatrixView rows, int num_threads);
/// The same of sparse rows.
[[nodiscard]] Result<std::vector<float>> project(const Pca& pca, const SparseView& rows, int num_threads);

}  // namespace cw
