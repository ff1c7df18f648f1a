// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/mixing.h"

#include "core/base/parallel.h"
#include "core/maps/dense_kernels.h"
#include "core/maps/fixed_random.h"
#include "core/maps/padded_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The labelled rows, or a sample of them in rising order.
std::vector<std::int64_t> chosen_rows(std::span<const std::int32_t> labels, std::int64_t max_cells,
                                      std::uint64_t seed) {
  std::vector<std::pair<std::uint64_t, std::int64_t>> drawn;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0) drawn.emplace_back(random_bits(seed, 77, i), static_cast<std::int64_t>(i));
  }
  if (static_cast<std::int64_t>(drawn.size()) > max_cells) {
    std::sort(drawn.begin(), drawn.end());
    drawn.resize(static_cast<std::size_t>(max_cells));
  }
  std::vector<std::int64_t> rows;
  for (const auto& [bits, row] : drawn) rows.push_back(row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// Width of one cell from the sums of its distances to every label; `own` counts the cell itself.
double width_of(std::span<const double> sums, std::span<const std::int64_t> sizes, std::size_t own) {
  if (sizes[own] < 2) return 0.0;
  const double inside = sums[own] / static_cast<double>(sizes[own] - 1);
  double outside = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < sums.size(); ++k) {
    if (k != own && sizes[k] > 0) outside = std::min(outside, sums[k] / static_cast<double>(sizes[k]));
  }
  const double larger = std::max(inside, outside);
  return larger > 0.0 ? (outside - inside) / larger : 0.0;
}

/// Weights of neighbours whose entropy is that of `perplexity` equal ones: a Gaussian of the distance as in the
/// reference implementation, which does not square it.
std::vector<double> perplexity_weights(std::span<const float> distances, double perplexity) {
  std::vector<double> weights(distances.size());
  double beta = 1.0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  for (int step = 0; step < 50; ++step) {
    double total = 0.0;
    double moment = 0.0;
    for (std::size_t j = 0; j < distances.size(); ++j) {
      weights[j] = std::exp(-static_cast<double>(distances[j]) * beta);
      total += weights[j];
      moment += static_cast<double>(distances[j]) * weights[j];
    }
    if (total == 0.0) return std::vector<double>(distances.size(), 0.0);
    for (double& weight : weights) weight /= total;
    const double gap = std::log(total) + beta * moment / total - std::log(perplexity);
    if (std::abs(gap) < 1e-5) break;
    if (gap > 0.0) {
      low = beta;
      beta = std::isinf(high) ? beta * 2.0 : (beta + high) / 2.0;
    } else {
      high = beta;
      beta = std::isinf(low) ? beta / 2.0 : (beta + low) / 2.0;
    }
  }
  return weights;
}

}  // namespace

Result<Silhouette> silhouette(MatrixView rows, std::span<const std::int32_t> labels, std::int64_t max_cells,
                              std::uint64_t seed, int num_threads, JobContext& ctx) {
  Silhouette result;
  result.rows = chosen_rows(labels, max_cells, seed);
  const auto n = static_cast<std::int64_t>(result.rows.size());
  std::vector<std::int32_t> order(result.rows.begin(), result.rows.end());
  std::vector<std::int64_t> sizes;
  for (const auto row : order) {
    const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(row)]);
    if (label >= sizes.size()) sizes.resize(label + 1, 0);
    ++sizes[label];
  }
  result.by_cell.assign(order.size(), kNan);
  result.mean = kNan;
  if (std::count_if(sizes.begin(), sizes.end(), [](std::int64_t size) { return size > 0; }) < 2) return result;

  const PaddedRows padded({rows.data, n, rows.num_columns}, false, order, num_threads);
  std::vector<const float*> pointers;
  for (std::int64_t i = 0; i < n; ++i) pointers.push_back(padded.row(i));
  constexpr std::int64_t kRound = 1024;
  for (std::int64_t first = 0; first < n; first += kRound) {
    if (ctx.cancelled()) return cancelled_error("silhouette widths");
    ctx.report(first, n, "Silhouette widths");
    parallel_for(first, std::min(n, first + kRound), 16, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
      std::vector<float> distances(order.size());
      std::vector<double> sums(sizes.size());
      for (std::int64_t i = begin; i < end; ++i) {
        squared_distances(padded.row(i), pointers.data(), n, padded.width(), distances.data());
        std::fill(sums.begin(), sums.end(), 0.0);
        for (std::size_t j = 0; j < order.size(); ++j) {
          sums[static_cast<std::size_t>(labels[static_cast<std::size_t>(order[j])])] +=
              std::sqrt(static_cast<double>(distances[j]));
        }
        const auto at = static_cast<std::size_t>(i);
        const auto own = static_cast<std::size_t>(labels[static_cast<std::size_t>(order[at])]);
        result.by_cell[at] = width_of(sums, sizes, own);
      }
    });
  }
  result.mean = 0.0;
  for (const double width : result.by_cell) result.mean += width;
  result.mean /= static_cast<double>(n);
  ctx.report(n, n, "Silhouette widths");
  return result;
}

Result<double> batch_silhouette(MatrixView rows, std::span<const std::int32_t> labels,
                                std::span<const std::int32_t> batches, std::int64_t max_cells, std::uint64_t seed,
                                int num_threads, JobContext& ctx) {
  const std::int32_t num_labels = labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end()) + 1;
  double sum = 0.0;
  int counted = 0;
  for (std::int32_t label = 0; label < num_labels; ++label) {
    std::vector<std::int32_t> inside(batches.begin(), batches.end());
    for (std::size_t i = 0; i < inside.size(); ++i) {
      if (labels[i] != label) inside[i] = -1;
    }
    JobContext part = ctx.slice(static_cast<double>(label) / num_labels, static_cast<double>(label + 1) / num_labels);
    CW_ASSIGN(const Silhouette widths, silhouette(rows, inside, max_cells, seed, num_threads, part));
    if (std::isnan(widths.mean)) continue;
    double mixed = 0.0;
    for (const double width : widths.by_cell) mixed += 1.0 - std::abs(width);
    sum += mixed / static_cast<double>(widths.by_cell.size());
    ++counted;
  }
  return counted > 0 ? sum / counted : kNan;
}

std::vector<double> local_simpson_index(const Neighbors& neighbors, std::span<const std::int32_t> labels,
                                        double perplexity, int num_threads) {
  const std::int32_t num_labels = labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end()) + 1;
  std::vector<double> result(static_cast<std::size_t>(neighbors.num_rows), kNan);
  parallel_for(0, neighbors.num_rows, 256, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    std::vector<double> shares(static_cast<std::size_t>(std::max(num_labels, 0)));
    for (std::int64_t i = begin; i < end; ++i) {
      const auto weights = perplexity_weights(neighbors.distances_of(i), perplexity);
      const auto ids = neighbors.ids_of(i);
      std::fill(shares.begin(), shares.end(), 0.0);
      for (std::size_t j = 0; j < ids.size(); ++j) {
        const std::int32_t label = labels[static_cast<std::size_t>(ids[j])];
        if (label >= 0) shares[static_cast<std::size_t>(label)] += weights[j];
      }
      double simpson = 0.0;
      for (const double share : shares) simpson += share * share;
      if (simpson > 0.0) result[static_cast<std::size_t>(i)] = 1.0 / simpson;
    }
  });
  return result;
}

}  // namespace cw
