// SPDX-License-Identifier: GPL-3.0-or-later
// Rows in training: dropout, residual and LayerNorm in one pass, forwards and backwards, activations, and the sums over
// rows that the gradients of weights and biases are. All of it is bound by memory.
#pragma once
#include "plugins/cuda/kernels/dropout.cuh"
#include "plugins/cuda/kernels/row_kernels.cuh"
#include "plugins/cuda/kernels/training_rows.h"

namespace cw::cuda {

template <class T>
CW_DEVICE void embedding_sum(const EmbeddingSumArguments& a) {
  const std::int64_t row = own_row(a.rows);
  if (row < 0) return;
  const float* word = a.words + static_cast<std::int64_t>(a.tokens[row]) * a.width;
  const float* place = a.places + static_cast<std::int64_t>(a.positions[row]) * a.width;
  T* out = static_cast<T*>(a.out) + row * a.width;
  for (int i = own_lane(); i < a.width; i += kWarp) out[i] = from_float<T>(word[i] + (place[i] + a.type[i]));
}

CW_KERNEL(kRowThreads) cw_embedding_sum_float(EmbeddingSumArguments a) { embedding_sum<float>(a); }
CW_KERNEL(kRowThreads) cw_embedding_sum_bfloat16(EmbeddingSumArguments a) { embedding_sum<BFloat16>(a); }

template <class T>
CW_DEVICE void norm_forward(const NormForwardArguments& a) {
  const std::int64_t row = own_row(a.rows);
  if (row < 0) return;
  const T* x = static_cast<const T*>(a.x) + row * a.width;
  const T* residual = a.residual == nullptr ? nullptr : static_cast<const T*>(a.residual) + row * a.width;
  T* sum = static_cast<T*>(a.sum) + row * a.width;
  T* y = static_cast<T*>(a.y) + row * a.width;
  const KeptElements kept(a.dropout, row);
  const float inverse_width = 1.0F / static_cast<float>(a.width);
  float total = 0.0F;
  for (int i = own_lane(); i < a.width; i += kWarp) {
    sum[i] = from_float<T>(to_float(x[i]) * kept.factor(i) + (residual == nullptr ? 0.0F : to_float(residual[i])));
    total += to_float(sum[i]);
  }
  const float mean = sum_of_warp(total) * inverse_width;
  float squares = 0.0F;
  for (int i = own_lane(); i < a.width; i += kWarp) {
    const float distance = to_float(sum[i]) - mean;
    squares += distance * distance;
  }
  const float rstd = rsqrtf(sum_of_warp(squares) * inverse_width + a.eps);
  for (int i = own_lane(); i < a.width; i += kWarp) {
    y[i] = from_float<T>((to_float(sum[i]) - mean) * rstd * a.weight[i] + a.bias[i]);
  }
  if (own_lane() == 0) {
    a.mean_rstd[2 * row] = mean;
    a.mean_rstd[2 * row + 1] = rstd;
  }
}

CW_KERNEL(kRowThreads) cw_norm_forward_float(NormForwardArguments a) { norm_forward<float>(a); }
CW_KERNEL(kRowThreads) cw_norm_forward_bfloat16(NormForwardArguments a) { norm_forward<BFloat16>(a); }

template <class T>
CW_DEVICE void norm_backward(const NormBackwardArguments& a) {
  const std::int64_t row = own_row(a.rows);
  if (row < 0) return;
  const T* sum = static_cast<const T*>(a.sum) + row * a.width;
  const T* dy = static_cast<const T*>(a.dy) + row * a.width;
  T* dx = static_cast<T*>(a.dx) + row * a.width;
  T* d_residual = a.d_residual == nullptr ? nullptr : static_cast<T*>(a.d_residual) + row * a.width;
  const float mean = a.mean_rstd[2 * row];
  const float rstd = a.mean_rstd[2 * row + 1];
  const float inverse_width = 1.0F / static_cast<float>(a.width);
  float total = 0.0F;
  float total_normal = 0.0F;
  for (int i = own_lane(); i < a.width; i += kWarp) {
    const float scaled = to_float(dy[i]) * a.weight[i];
    total += scaled;
    total_normal += scaled * (to_float(sum[i]) - mean) * rstd;
  }
  total = sum_of_warp(total) * inverse_width;
  total_normal = sum_of_warp(total_normal) * inverse_width;
  const KeptElements kept(a.dropout, row);
  for (int i = own_lane(); i < a.width; i += kWarp) {
    const float normal = (to_float(sum[i]) - mean) * rstd;
    const float g = (to_float(dy[i]) * a.weight[i] - total - normal * total_normal) * rstd;
    if (d_residual != nullptr) d_residual[i] = from_float<T>(g);
    dx[i] = from_float<T>(g * kept.factor(i));
  }
}

CW_KERNEL(kRowThreads) cw_norm_backward_float(NormBackwardArguments a) { norm_backward<float>(a); }
CW_KERNEL(kRowThreads) cw_norm_backward_bfloat16(NormBackwardArguments a) { norm_backward<BFloat16>(a); }

template <class T>
CW_DEVICE void row_dropout(const RowDropoutArguments& a) {
  const std::int64_t row = own_row(a.rows);
  if (row < 0) return;
  const T* x = static_cast<const T*>(a.x) + row * a.width;
  T* y = static_cast<T*>(a.y) + row * a.width;
  const KeptElements kept(a.dropout, row);
  for (int i = own_lane(); i < a.width; i += kWarp) y[i] = from_float<T>(to_float(x[i]) * kept.factor(i));
}

CW_KERNEL(kRowThreads) cw_row_dropout_float(RowDropoutArguments a) { row_dropout<float>(a); }
CW_KERNEL(kRowThreads) cw_row_dropout_bfloat16(RowDropoutArguments a) { row_dropout<BFloat16>(a); }

struct ReluSlope {
  CW_DEVICE static float of(float y) { return y > 0.0F ? 1.0F : 0.0F; }
};

/// Of x Phi(x): Phi(x) + x phi(x).
struct GeluSlope {
  CW_DEVICE static float of(float x) {
    return 0.5F * (1.0F + erff(x * 0.70710678118F)) + x * 0.39894228040F * expf(-0.5F * x * x);
  }
};

template <class T, class Slope>
CW_DEVICE void activation_backward(const ActivationBackwardArguments& a) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kElementsPerBlock + threadIdx.x;
  for (std::int64_t i = first; i < first + kElementsPerBlock && i < a.count; i += kElementThreads) {
    const float slope = Slope::of(to_float(static_cast<const T*>(a.given)[i]));
    static_cast<T*>(a.dx)[i] = from_float<T>(to_float(static_cast<const T*>(a.dy)[i]) * slope);
  }
}

CW_KERNEL(kElementThreads) cw_relu_backward_float(ActivationBackwardArguments a) {
  activation_backward<float, ReluSlope>(a);
}
CW_KERNEL(kElementThreads) cw_relu_backward_bfloat16(ActivationBackwardArguments a) {
  activation_backward<BFloat16, ReluSlope>(a);
}
CW_KERNEL(kElementThreads) cw_gelu_backward_float(ActivationBackwardArguments a) {
  activation_backward<float, GeluSlope>(a);
}
CW_KERNEL(kElementThreads) cw_gelu_backward_bfloat16(ActivationBackwardArguments a) {
  activation_backward<BFloat16, GeluSlope>(a);
}

/// Sums of `Count` quantities over the rows of this block's piece, for 32 columns: eight warps take every eighth row,
/// then their sums are added in order.
template <int Count, class Quantities, class Result>
CW_DEVICE void sum_columns(std::int64_t rows, std::int64_t rows_per_piece, int width, const Quantities& quantities,
                           const Result& result) {
  constexpr int kWarps = kColumnThreads / kWarp;
  CW_SHARED(float, shared);  // [Count, kWarps, 32]
  const int lane = own_lane();
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  const int column = static_cast<int>(blockIdx.x) * kColumnsPerBlock + lane;
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.y) * rows_per_piece;
  const std::int64_t end = begin + rows_per_piece < rows ? begin + rows_per_piece : rows;
  float sums[Count] = {};
  for (std::int64_t row = begin + warp; row < end && column < width; row += kWarps) quantities(row, column, sums);
  for (int q = 0; q < Count; ++q) shared[(q * kWarps + warp) * kWarp + lane] = sums[q];
  __syncthreads();
  if (warp != 0 || column >= width) return;
  for (int q = 0; q < Count; ++q) {
    float total = 0.0F;
    for (int w = 0; w < kWarps; ++w) total += shared[(q * kWarps + w) * kWarp + lane];
    result(q, static_cast<std::int64_t>(blockIdx.y) * width + column, total);
  }
}

template <class T>
CW_DEVICE void column_sums(const ColumnSumsArguments& a) {
  sum_columns<1>(
      a.rows, a.rows_per_piece, a.width,
      [&](std::int64_t row, int column, float* sums) {
        sums[0] += to_float(static_cast<const T*>(a.from)[row * a.width + column]);
      },
      [&](int, std::int64_t place, float total) { a.to[place] = a.accumulate != 0 ? a.to[place] + total : total; });
}

CW_KERNEL(kColumnThreads) cw_column_sums_float(ColumnSumsArguments a) { column_sums<float>(a); }
CW_KERNEL(kColumnThreads) cw_column_sums_bfloat16(ColumnSumsArguments a) { column_sums<BFloat16>(a); }

template <class T>
CW_DEVICE void norm_column_sums(const NormColumnSumsArguments& a) {
  sum_columns<2>(
      a.rows, a.rows_per_piece, a.width,
      [&](std::int64_t row, int column, float* sums) {
        const std::int64_t place = row * a.width + column;
        const float g = to_float(static_cast<const T*>(a.dy)[place]);
        const float distance = to_float(static_cast<const T*>(a.sum)[place]) - a.mean_rstd[2 * row];
        sums[0] += g * distance * a.mean_rstd[2 * row + 1];
        sums[1] += g;
      },
      [&](int q, std::int64_t place, float total) { (q == 0 ? a.d_weight : a.d_bias)[place] = total; });
}

CW_KERNEL(kColumnThreads) cw_norm_column_sums_float(NormColumnSumsArguments a) { norm_column_sums<float>(a); }
CW_KERNEL(kColumnThreads) cw_norm_column_sums_bfloat16(NormColumnSumsArguments a) { norm_column_sums<BFloat16>(a); }

}  // namespace cw::cuda
