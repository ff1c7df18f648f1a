// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/maps/neighbors.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// A symmetric weighted graph over cells in compressed rows; ids of a row rise.
struct FuzzyGraph {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t> ids;
  std::vector<float> weights;  ///< in (0, 1]

  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(offsets.size()) - 1; }
  [[nodiscard]] std::span<const std::int32_t> ids_of(std::int64_t row) const noexcept {
    const auto i = static_cast<std::size_t>(row);
    return {ids.data() + offsets[i], ids.data() + offsets[i + 1]};
  }
  [[nodiscard]] std::span<const float> weights_of(std::int64_t row) const noexcept {
    const auto i = static_cast<std::size_t>(row);
    return {weights.data() + offsets[i], weights.data() + offsets[i + 1]};
  }
};

/// How strongly cells belong together: scanpy's `connectivities`, UMAP's fuzzy simplicial set.
///
/// Source   McInnes et al. 2018, arXiv:1802.03426; computed by umappp's neighbor_similarities and
///          combine_neighbor_sets. `neighbors` without the cell itself, so 14 of them are n_neighbors = 15 there.
/// Repeat   equal for any number of threads.
[[nodiscard]] FuzzyGraph fuzzy_graph(const Neighbors& neighbors, int num_threads);

/// Number of connected components.
[[nodiscard]] std::int64_t count_components(const FuzzyGraph& graph);

}  // namespace cw
