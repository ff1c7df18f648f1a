// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/kernels/dropout.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cw::cuda {

/// Queries `first`, `first` + 1, ... of a cell: what one block computes, for one head.
struct AttentionTile {
  std::int32_t cell;
  std::int32_t first;
};

/// out = softmax(q kᵀ / sqrt(head_width)) v inside every cell, heads side by side in a row. Cell c has query rows
/// query_offsets[c] .. query_offsets[c + 1] and key rows key_offsets[c] .. key_offsets[c + 1], at least one of either.
/// Grid: x the tiles, y the heads. Strides in numbers, from row to row.
struct AttentionArguments {
  const void* q;
  const void* k;
  const void* v;
  void* out;
  float* log_sums;  ///< null, or [query rows, heads]: natural logarithm of the sum of exp(score), for backward passes
  const AttentionTile* tiles;
  const std::int32_t* query_offsets;
  const std::int32_t* key_offsets;
  std::int64_t q_stride;
  std::int64_t kv_stride;
  std::int64_t out_stride;
  std::int32_t heads;
  std::int32_t head_width;
  float scale;      ///< log2(e) / sqrt(head_width)
  Dropout dropout;  ///< on the weights; for the kernels with "_dropping" in their name
};

/// Threads, queries of a tile and bytes of shared memory of one attention kernel.
struct AttentionShape {
  int threads;
  int queries;
  std::size_t shared_bytes;
};

/// The kernels without tensor cores: heads of up to `width` units.
[[nodiscard]] constexpr AttentionShape plain_attention_shape(int width) {
  const int keys = width > 128 ? 32 : 64;
  return {256, 64, sizeof(float) * static_cast<std::size_t>((64 + 2 * keys) * (width + 4) + 64 * (keys + 4))};
}

/// The kernels with tensor cores: heads of exactly `width` units, 32, 64 or 128.
[[nodiscard]] constexpr AttentionShape tensor_attention_shape(int width) {
  const int queries = width > 64 ? 64 : 128;
  return {128, queries, sizeof(std::uint16_t) * static_cast<std::size_t>((queries + 4 * 64) * (width + 8))};
}

/// All tiles of a batch, those with the most keys first, so that the last blocks to end are short ones.
[[nodiscard]] std::vector<AttentionTile> attention_tiles(std::span<const std::int32_t> query_offsets,
                                                         std::span<const std::int32_t> key_offsets, int tile_queries);

}  // namespace cw::cuda
