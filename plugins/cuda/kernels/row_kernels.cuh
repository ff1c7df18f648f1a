// SPDX-License-Identifier: GPL-3.0-or-later
// Embedding, LayerNorm, moving rows. All of it is bound by memory: a warp per row, the row is read once more for the
// variance (from the cache) and once for the result.
#pragma once
#include "plugins/cuda/device.h"
#include "plugins/cuda/kernels/row_kernels.h"

namespace cw::cuda {

/// The row of this warp, or -1 beyond the last.
CW_DEVICE std::int64_t own_row(std::int64_t rows) {
  const std::int64_t row =
      static_cast<std::int64_t>(blockIdx.x) * kRowsPerBlock + static_cast<std::int64_t>(threadIdx.x) / kWarp;
  return row < rows ? row : -1;
}

CW_DEVICE int own_lane() { return static_cast<int>(threadIdx.x) % kWarp; }

/// out = (value(i) - mean) / sqrt(variance + eps) * weight + bias for the columns of one row. The variance is taken
/// around the mean: sum of squares minus squared mean cancels in float32.
template <class T, class Value>
CW_DEVICE void normalise_row(const Value& value, int width, const float* weight, const float* bias, float eps, T* out) {
  const int lane = own_lane();
  float sum = 0.0F;
  for (int i = lane; i < width; i += kWarp) sum += value(i);
  const float inverse_width = 1.0F / static_cast<float>(width);
  const float mean = sum_of_warp(sum) * inverse_width;
  float squares = 0.0F;
  for (int i = lane; i < width; i += kWarp) {
    const float distance = value(i) - mean;
    squares += distance * distance;
  }
  const float factor = rsqrtf(sum_of_warp(squares) * inverse_width + eps);
  for (int i = lane; i < width; i += kWarp) out[i] = from_float<T>((value(i) - mean) * factor * weight[i] + bias[i]);
}

template <class T>
CW_DEVICE void embed(const EmbedArguments& a) {
  const std::int64_t row = own_row(a.rows);
  if (row < 0) return;
  const float* word = a.words + static_cast<std::int64_t>(a.tokens[row]) * a.width;
  const float* place = a.places + static_cast<std::int64_t>(a.positions[row]) * a.width;
  const auto value = [&](int i) { return word[i] + a.type[i] + place[i]; };
  normalise_row(value, a.width, a.weight, a.bias, a.eps, static_cast<T*>(a.out) + row * a.width);
}

CW_KERNEL(kRowThreads) cw_embed_float(EmbedArguments a) { embed<float>(a); }
CW_KERNEL(kRowThreads) cw_embed_bfloat16(EmbedArguments a) { embed<BFloat16>(a); }

template <class T>
CW_DEVICE void add_norm(const AddNormArguments& a) {
  const std::int64_t row = own_row(a.rows);
  if (row < 0) return;
  const T* x = static_cast<const T*>(a.x) + row * a.width;
  const T* residual = a.residual == nullptr ? nullptr : static_cast<const T*>(a.residual) + row * a.width;
  const auto value = [&](int i) { return to_float(x[i]) + (residual == nullptr ? 0.0F : to_float(residual[i])); };
  normalise_row(value, a.width, a.weight, a.bias, a.eps, static_cast<T*>(a.out) + row * a.width);
}

CW_KERNEL(kRowThreads) cw_add_norm_float(AddNormArguments a) { add_norm<float>(a); }
CW_KERNEL(kRowThreads) cw_add_norm_bfloat16(AddNormArguments a) { add_norm<BFloat16>(a); }

CW_KERNEL(kRowThreads) cw_gather_rows(GatherRowsArguments a) {
  const std::int64_t row = own_row(a.count);
  if (row < 0) return;
  const int words = a.row_bytes / 4;
  const auto* from = static_cast<const std::uint32_t*>(a.from) + static_cast<std::int64_t>(a.rows[row]) * words;
  auto* to = static_cast<std::uint32_t*>(a.to) + row * words;
  for (int i = own_lane(); i < words; i += kWarp) to[i] = from[i];
}

template <class From, class To>
CW_DEVICE void convert(const ConvertArguments& a) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kElementsPerBlock + threadIdx.x;
  for (std::int64_t i = first; i < first + kElementsPerBlock && i < a.count; i += kElementThreads) {
    static_cast<To*>(a.to)[i] = from_float<To>(to_float(static_cast<const From*>(a.from)[i]));
  }
}

CW_KERNEL(kElementThreads) cw_to_bfloat16(ConvertArguments a) { convert<float, BFloat16>(a); }
CW_KERNEL(kElementThreads) cw_from_bfloat16(ConvertArguments a) { convert<BFloat16, float>(a); }

}  // namespace cw::cuda
