// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace cw {

/// u·v / (max(|u|, 1e-8) max(|v|, 1e-8)): products of float32 values summed in double (geneformer-behaviour 6.7).
[[nodiscard]] double cosine(const float* u, const float* v, std::int64_t width) noexcept;
[[nodiscard]] double cosine(std::span<const double> u, std::span<const double> v) noexcept;

/// Cosine of each pair of rows (first into `a`, second into `b`), in one pass over both. `out` has one value per pair.
void row_cosines(const float* a, const float* b, std::int64_t width,
                 std::span<const std::pair<std::int32_t, std::int32_t>> pairs, std::span<double> out) noexcept;

/// Mean of `num_rows` rows.
[[nodiscard]] std::vector<double> mean_row(const float* rows, std::int64_t num_rows, std::int64_t width);

/// What is compared with a state: <cls>, or the mean over all positions of the list (geneformer-behaviour 6.7 B).
[[nodiscard]] std::vector<double> whole_cell(const float* rows, std::int64_t num_rows, std::int64_t width,
                                             bool cls_mode);

/// States of a run in the space of the cell embeddings.
struct StateCentroids {
  std::vector<std::vector<double>> centroids;  ///< start, goal, alternatives; empty without states

  /// cos(perturbed, S) - cos(original, S) for each state (geneformer-behaviour 6.7 B).
  [[nodiscard]] std::vector<double> shifts(std::span<const double> original, std::span<const double> perturbed) const;
  /// <perturbed - original, goal - start> / |goal - start|² (beyond 1).
  [[nodiscard]] double progress(std::span<const double> original, std::span<const double> perturbed) const;
};

}  // namespace cw
