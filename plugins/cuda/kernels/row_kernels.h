// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw::cuda {

/// Rows of a block: one warp each.
inline constexpr int kRowsPerBlock = 4;
inline constexpr int kRowThreads = kRowsPerBlock * 32;

/// out = LayerNorm(word + type + position) of every token. Rows of `width` numbers; out in float or bf16.
struct EmbedArguments {
  const std::int32_t* tokens;     ///< [rows]
  const std::int32_t* positions;  ///< [rows]
  const float* words;             ///< [vocabulary, width]
  const float* places;            ///< [positions, width]
  const float* type;              ///< [width]
  const float* weight;            ///< [width]
  const float* bias;              ///< [width]
  void* out;                      ///< [rows, width]
  std::int64_t rows;
  std::int32_t width;
  float eps;
};

/// out = LayerNorm(x + residual) by rows; x, residual and out are all float or all bf16. `residual` may be null, `out`
/// may be x or the residual.
struct AddNormArguments {
  const void* x;         ///< [rows, width]
  const void* residual;  ///< [rows, width] or null
  const float* weight;   ///< [width]
  const float* bias;     ///< [width]
  void* out;             ///< [rows, width]
  std::int64_t rows;
  std::int32_t width;
  float eps;
};

/// to[i] = from[rows[i]]: whole rows, 16 bytes at a time (`row_bytes` is a multiple of 4).
struct GatherRowsArguments {
  const void* from;
  const std::int32_t* rows;  ///< [count]
  void* to;                  ///< [count, row_bytes]
  std::int64_t count;
  std::int32_t row_bytes;
};

/// Converts `count` numbers between float and bf16.
struct ConvertArguments {
  const void* from;
  void* to;
  std::int64_t count;
};

inline constexpr int kElementThreads = 256;
/// Elements of a block of the element-wise kernels.
inline constexpr int kElementsPerBlock = 4 * kElementThreads;

/// Blocks that cover `count` things, `per_block` in each.
[[nodiscard]] constexpr unsigned blocks_for(std::int64_t count, std::int64_t per_block) {
  return static_cast<unsigned>((count + per_block - 1) / per_block);
}

}  // namespace cw::cuda
