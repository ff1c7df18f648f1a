// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/neighbors.h"

#include "core/base/parallel.h"
#include "core/maps/dense_kernels.h"
#include "core/maps/nn_descent.h"
#include "core/maps/projection_forest.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace cw {
namespace {

/// Beyond the wanted ones: the last entries of a list are the least certain ones.
constexpr std::int64_t kSpareNeighbors = 5;

Result<> check(MatrixView rows, const NeighborOptions& options) {
  if (rows.num_rows < 2 || rows.num_columns < 1) {
    return Error{ErrorCode::kInvalidArgument, "E-MAP-004",
                 "nearest neighbours need at least 2 rows and 1 column; there are " + std::to_string(rows.num_rows) +
                     " rows and " + std::to_string(rows.num_columns) + " columns"};
  }
  if (options.num_neighbors < 1) {
    return Error{ErrorCode::kInvalidArgument, "E-MAP-004",
                 std::to_string(options.num_neighbors) + " neighbours wanted; give 1 or more"};
  }
  for (std::int64_t i = 0; i < rows.num_rows; ++i) {
    const auto row = rows.row(i);
    if (std::all_of(row.begin(), row.end(), [](float v) { return std::isfinite(v); })) continue;
    return Error{ErrorCode::kInvalidArgument, "E-MAP-001",
                 "row " + std::to_string(i) +
                     " of the matrix holds NaN or infinity; remove that cell or make the embedding again"};
  }
  return {};
}

float as_distance(float squared, DistanceMetric metric) {
  return metric == DistanceMetric::kCosine ? squared / 2 : std::sqrt(squared);
}

Neighbors empty_result(std::int64_t rows, std::int64_t neighbors) {
  const auto size = static_cast<std::size_t>(rows * neighbors);
  return {rows, neighbors, std::vector<std::int32_t>(size), std::vector<float>(size)};
}

Result<Neighbors> exact(MatrixView rows, std::int64_t k, const NeighborOptions& options, JobContext& ctx) {
  const PaddedRows padded(rows, options.metric == DistanceMetric::kCosine, {}, options.num_threads);
  const std::int64_t n = rows.num_rows;
  std::vector<const float*> pointers(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) pointers[static_cast<std::size_t>(i)] = padded.row(i);
  Neighbors result = empty_result(n, k);
  constexpr std::int64_t kRound = 2048;
  for (std::int64_t first = 0; first < n; first += kRound) {
    if (ctx.cancelled()) return cancelled_error("nearest neighbours");
    ctx.report(first, n, "Nearest neighbours");
    parallel_for(first, std::min(n, first + kRound), 16, options.num_threads,
                 [&](std::int64_t begin, std::int64_t end, int) {
                   std::vector<float> distances(static_cast<std::size_t>(n));
                   std::vector<std::pair<float, std::int32_t>> found(static_cast<std::size_t>(n));
                   for (std::int64_t i = begin; i < end; ++i) {
                     squared_distances(padded.row(i), pointers.data(), n, padded.width(), distances.data());
                     distances[static_cast<std::size_t>(i)] = std::numeric_limits<float>::infinity();  // itself: last
                     for (std::int32_t j = 0; j < n; ++j) {
                       found[static_cast<std::size_t>(j)] = {distances[static_cast<std::size_t>(j)], j};
                     }
                     std::partial_sort(found.begin(), found.begin() + k, found.end());
                     for (std::int64_t j = 0; j < k; ++j) {
                       const auto place = static_cast<std::size_t>(i * k + j);
                       result.ids[place] = found[static_cast<std::size_t>(j)].second;
                       result.distances[place] = as_distance(found[static_cast<std::size_t>(j)].first, options.metric);
                     }
                   }
                 });
  }
  return result;
}

Result<Neighbors> approximate(MatrixView rows, std::int64_t k, const NeighborOptions& options, JobContext& ctx) {
  DescentOptions descent;
  descent.list_length = std::min(rows.num_rows - 1, k + kSpareNeighbors);
  descent.leaf_size = std::max<std::int64_t>(64, 3 * descent.list_length);
  descent.seed = options.seed;
  descent.num_threads = options.num_threads;
  const bool unit_length = options.metric == DistanceMetric::kCosine;

  // rows that are near each other get near each other in memory, which halves the time of the search
  std::vector<std::int32_t> order;
  {
    const PaddedRows unordered(rows, unit_length, {}, options.num_threads);
    order = projection_tree(unordered, descent.leaf_size, options.seed, 0).order;
  }
  const PaddedRows padded(rows, unit_length, order, options.num_threads);
  CW_ASSIGN(const NeighborLists lists, nn_descent(padded, descent, ctx));

  Neighbors result = empty_result(rows.num_rows, k);
  parallel_for(0, rows.num_rows, 1024, options.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    std::vector<std::pair<float, std::int32_t>> found(static_cast<std::size_t>(lists.length()));
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t j = 0; j < lists.length(); ++j) {
        found[static_cast<std::size_t>(j)] = {lists.distance(i, j), order[static_cast<std::size_t>(lists.id(i, j))]};
      }
      std::sort(found.begin(), found.end());
      for (std::int64_t j = 0; j < k; ++j) {
        const auto place = static_cast<std::size_t>(order[static_cast<std::size_t>(i)] * k + j);
        result.ids[place] = found[static_cast<std::size_t>(j)].second;
        result.distances[place] = as_distance(found[static_cast<std::size_t>(j)].first, options.metric);
      }
    }
  });
  return result;
}

}  // namespace

Neighbors Neighbors::nearest(std::int64_t count) const {
  Neighbors result = empty_result(num_rows, std::min(count, num_neighbors));
  for (std::int64_t i = 0; i < num_rows; ++i) {
    std::copy_n(ids.data() + i * num_neighbors, result.num_neighbors, result.ids.data() + i * result.num_neighbors);
    std::copy_n(distances.data() + i * num_neighbors, result.num_neighbors,
                result.distances.data() + i * result.num_neighbors);
  }
  return result;
}

Result<Neighbors> nearest_neighbors(MatrixView rows, const NeighborOptions& options, JobContext& ctx) {
  CW_TRY(check(rows, options));
  std::int64_t k = options.num_neighbors;
  if (k >= rows.num_rows) {
    k = rows.num_rows - 1;
    ctx.warn("W-MAP-001", std::to_string(options.num_neighbors) + " neighbours wanted, but there are only " +
                              std::to_string(k) + " other cells; all of them are used");
  }
  // lists as long as the data are what exact search does faster
  const bool small = rows.num_rows <= options.exact_up_to || rows.num_rows <= 8 * (k + kSpareNeighbors);
  CW_ASSIGN(Neighbors result, small ? exact(rows, k, options, ctx) : approximate(rows, k, options, ctx));
  ctx.report(rows.num_rows, rows.num_rows, "Nearest neighbours");
  return result;
}

double recall_of(const Neighbors& found, const Neighbors& exact_neighbors) {
  std::int64_t common = 0;
  for (std::int64_t i = 0; i < exact_neighbors.num_rows; ++i) {
    const auto have = found.ids_of(i);
    for (const auto id : exact_neighbors.ids_of(i)) common += std::find(have.begin(), have.end(), id) != have.end();
  }
  return static_cast<double>(common) / static_cast<double>(exact_neighbors.ids.size());
}

}  // namespace cw
