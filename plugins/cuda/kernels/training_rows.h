// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/kernels/dropout.h"

#include <cstdint>

namespace cw::cuda {

/// out = word + type + position of every token, which EmbedArguments normalises at once: the backward pass needs it.
struct EmbeddingSumArguments {
  const std::int32_t* tokens;     ///< [rows]
  const std::int32_t* positions;  ///< [rows]
  const float* words;             ///< [vocabulary, width]
  const float* places;            ///< [positions, width]
  const float* type;              ///< [width]
  void* out;                      ///< [rows, width]
  std::int64_t rows;
  std::int32_t width;
};

/// y = LayerNorm(dropout(x) + residual) by rows, as AddNormArguments, with what the backward pass needs. x, residual,
/// sum and y are all float or all bf16; `y` may be x, `sum` the residual.
struct NormForwardArguments {
  const void* x;         ///< [rows, width]
  const void* residual;  ///< [rows, width] or null
  const float* weight;   ///< [width]
  const float* bias;     ///< [width]
  void* sum;             ///< [rows, width] dropout(x) + residual
  float* mean_rstd;      ///< [rows, 2] mean of the sum, 1 / standard deviation
  void* y;               ///< [rows, width]
  std::int64_t rows;
  std::int32_t width;
  float eps;
  Dropout dropout;
};

/// The gradients of x and of the residual; `d_residual` may be dy and may be null, `dx` may be `d_residual` where
/// nothing is dropped.
struct NormBackwardArguments {
  const void* sum;
  const float* mean_rstd;
  const float* weight;
  const void* dy;    ///< [rows, width]
  void* dx;          ///< [rows, width]
  void* d_residual;  ///< [rows, width]
  std::int64_t rows;
  std::int32_t width;
  Dropout dropout;
};

/// y = dropout(x) by rows of `width`; of dy it is its own gradient. `y` may be x.
struct RowDropoutArguments {
  const void* x;
  void* y;
  std::int64_t rows;
  std::int32_t width;
  Dropout dropout;
};

/// dx = dy where the rule says how much: ReLU by its result y, GELU (with the error function) by its input x. `dx` may
/// be dy.
struct ActivationBackwardArguments {
  const void* given;  ///< y of ReLU, x of GELU
  const void* dy;
  void* dx;
  std::int64_t count;
};

/// Sums over rows, a piece of them at a time: to[piece, column] (+)= sum of from[row, column] over the rows of the
/// piece. A second call adds up the pieces: the same bits in every run. Grid: x columns / 32, y pieces; 256 threads.
struct ColumnSumsArguments {
  const void* from;  ///< [rows, width]
  float* to;         ///< [pieces, width]
  std::int64_t rows;
  std::int64_t rows_per_piece;
  std::int32_t width;
  std::int32_t accumulate;  ///< 1: to what is there; 0: overwrites it
};

/// The same for the gradients of weight and bias of LayerNorm.
struct NormColumnSumsArguments {
  const void* sum;
  const float* mean_rstd;
  const void* dy;
  float* d_weight;  ///< [pieces, width]
  float* d_bias;    ///< [pieces, width]
  std::int64_t rows;
  std::int64_t rows_per_piece;
  std::int32_t width;
};

inline constexpr int kColumnThreads = 256;
inline constexpr int kColumnsPerBlock = 32;
inline constexpr std::int64_t kRowsPerPiece = 256;

}  // namespace cw::cuda
