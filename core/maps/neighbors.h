// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

enum class DistanceMetric {
  kEuclidean,
  kCosine  ///< 1 - cosine; a row of zeros is at distance 0.5 from every other row
};

struct NeighborOptions {
  /// Neighbours per row, the row itself not counted; fewer come back where there are fewer rows.
  int num_neighbors = 15;
  DistanceMetric metric = DistanceMetric::kEuclidean;
  /// Up to so many rows all distances are computed, so the result is exact. Beyond, NN-descent finds over 99 % of the
  /// neighbours of the mixtures that the method was measured on.
  std::int64_t exact_up_to = 4096;
  std::uint64_t seed = 42;
  /// 0 = all.
  int num_threads = 0;
};

/// Nearest neighbours of every row, nearest first (equal distances: lower row first), without the row itself.
struct Neighbors {
  std::int64_t num_rows = 0;
  std::int64_t num_neighbors = 0;
  std::vector<std::int32_t> ids;  ///< row-major [num_rows, num_neighbors]
  std::vector<float> distances;   ///< the same shape, in the metric's unit

  [[nodiscard]] std::span<const std::int32_t> ids_of(std::int64_t row) const noexcept {
    return {ids.data() + row * num_neighbors, static_cast<std::size_t>(num_neighbors)};
  }
  [[nodiscard]] std::span<const float> distances_of(std::int64_t row) const noexcept {
    return {distances.data() + row * num_neighbors, static_cast<std::size_t>(num_neighbors)};
  }
  /// The nearest `count` of each row.
  [[nodiscard]] Neighbors nearest(std::int64_t count) const;
};

/// Nearest neighbours of every row among all other rows.
///
/// Source   Exact search, or a forest of random projection trees refined by NN-descent (Dong et al. 2011,
///          doi:10.1145/1963405.1963487). Deviation: candidates are taken by a hash of their numbers and updates are
///          applied in a fixed order, so that the result does not depend on threads.
/// Errors   kInvalidArgument E-MAP-001 (not finite), E-MAP-004 (fewer than two rows, or no neighbour wanted),
///          kCancelled. Warning W-MAP-001 where there are fewer rows than neighbours wanted.
/// Cancel   checked every few thousand rows.
/// Repeat   equal for equal seed; the number of threads does not matter.
/// Cost     exact O(N^2 D); else about O(N^1.1 D), memory N (D + 6 K) numbers.
[[nodiscard]] Result<Neighbors> nearest_neighbors(MatrixView rows, const NeighborOptions& options, JobContext& ctx);

/// Share of the neighbours of `exact` that `found` holds too; both over the same rows.
[[nodiscard]] double recall_of(const Neighbors& found, const Neighbors& exact);

}  // namespace cw
