// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace cw {

/// Eigenvalues, falling, with their unit vectors: row-major [values.size(), dimension].
struct EigenPairs {
  std::vector<double> values;
  std::vector<double> vectors;
};

/// All of a symmetric matrix, row-major with row stride `stride`, of which the upper triangle is read; the leading
/// `count` are kept.
[[nodiscard]] EigenPairs exact_eigenpairs(const double* matrix, std::int64_t dimension, std::int64_t stride,
                                          std::int64_t count);

/// y = M x for a block of vectors: both row-major [padded_dimension, block] with the rows beyond `dimension` zero.
using BlockProduct = std::function<void(const float* x, float* y)>;

struct BlockProblem {
  std::int64_t dimension = 0;
  std::int64_t padded_dimension = 0;  ///< rows of the blocks
  std::int64_t block = 0;             ///< columns of the blocks
  std::int64_t count = 0;             ///< eigenpairs wanted
  std::uint64_t seed = 42;
};

/// Leading eigenpairs of a symmetric positive matrix known by its products only. `dimension` must exceed
/// 2 * count + 7 * block + 20.
///
/// Source   Block Lanczos with full orthogonalisation and thick restarts (Wu and Simon 2000,
///          doi:10.1137/S0895479898334605), random start; stops when every residual is below 1e-5 of its eigenvalue or
///          2e-6 of the largest one, which is where single precision products end.
/// Errors   kCancelled.
[[nodiscard]] Result<EigenPairs> leading_eigenpairs(const BlockProblem& problem, const BlockProduct& multiply,
                                                    JobContext& ctx);

}  // namespace cw
