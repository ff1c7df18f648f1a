// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/kernels/attention.h"

#include <algorithm>

namespace cw::cuda {

std::vector<AttentionTile> attention_tiles(std::span<const std::int32_t> query_offsets,
                                           std::span<const std::int32_t> key_offsets, int tile_queries) {
  std::vector<AttentionTile> tiles;
  for (std::size_t cell = 0; cell + 1 < query_offsets.size(); ++cell) {
    const std::int32_t length = query_offsets[cell + 1] - query_offsets[cell];
    for (std::int32_t first = 0; first < length; first += tile_queries) {
      tiles.push_back({static_cast<std::int32_t>(cell), first});
    }
  }
  const auto num_keys = [&](const AttentionTile& tile) {
    const auto cell = static_cast<std::size_t>(tile.cell);
    return key_offsets[cell + 1] - key_offsets[cell];
  };
  std::stable_sort(tiles.begin(), tiles.end(),
                   [&](const AttentionTile& a, const AttentionTile& b) { return num_keys(a) > num_keys(b); });
  return tiles;
}

}  // namespace cw::cuda
