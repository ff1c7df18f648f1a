// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/kernels/attention.h"

namespace cw::cuda {

/// products[row, head] = out . d_out over the units of the head: what the gradient of a softmax subtracts. A warp per
/// row and head.
struct AttentionProductsArguments {
  const void* out;    ///< as the forward pass left it
  const void* d_out;  ///< rows as those of `out`
  float* products;    ///< [rows, heads]
  std::int64_t rows;
  std::int64_t out_stride;
  std::int32_t heads;
  std::int32_t head_width;
};

/// Backward pass of AttentionArguments: weights are computed again from the logarithms of their sums, block by block,
/// so that nothing of size L x L is stored. The gradients of the queries have one kernel (grid: x tiles of queries),
/// those of keys and values another (x tiles of keys): each number is summed by one thread in a fixed order, so that
/// results repeat; y are the heads.
struct AttentionGradientArguments {
  AttentionArguments forward;  ///< `out` is not read; tiles of this kernel; log_sums are there
  const void* d_out;           ///< rows as those of forward.out
  const float* products;       ///< of cw_attention_products
  void* dq;                    ///< of the kernel of queries; rows dq_stride apart
  void* dk;                    ///< of the other; rows dkv_stride apart
  void* dv;
  std::int64_t dq_stride;
  std::int64_t dkv_stride;
};

/// Threads, rows of a tile and shared memory of both kernels for heads of up to `width` units, in `queries` the rows of
/// a tile of either.
[[nodiscard]] constexpr AttentionShape attention_gradient_shape(int width) {
  const int tile = width > 64 ? 32 : 64;
  return {256, tile,
          sizeof(float) * static_cast<std::size_t>(4 * tile * (width + 4) + 2 * tile * (tile + 4) + 2 * tile)};
}

/// The kernels with tensor cores: heads of exactly `width` units, 32, 64 or 128.
[[nodiscard]] constexpr AttentionShape tensor_attention_gradient_shape(int width) {
  const int others = width > 64 ? 32 : 64;
  const int facts = 16;  // bytes of a query
  return {128, 64,
          sizeof(std::uint16_t) * static_cast<std::size_t>((2 * 64 + 4 * others) * (width + 8)) +
              static_cast<std::size_t>(2 * 64 * facts)};
}

}  // namespace cw::cuda
