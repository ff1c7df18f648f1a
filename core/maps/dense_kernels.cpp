// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/dense_kernels.h"

#include "core/maps/simd.h"

namespace cw {

using simd::Floats;

CW_SIMD void add_gram_panel(const float* a, std::int64_t rows, std::int64_t width, std::int64_t first, double* sums) {
  for (std::int64_t j = first / kTileColumns * kTileColumns; j < width; j += kTileColumns) {
    Floats tile[kTileRows] = {};
    for (std::int64_t r = 0; r < rows; ++r) {
      const float* row = a + r * width;
      Floats right;
      simd::load(right, row + j);
      for (std::int64_t i = 0; i < kTileRows; ++i) tile[i] += row[first + i] * right;
    }
    for (std::int64_t i = 0; i < kTileRows; ++i) {
      double* target = sums + i * width + j;
      for (std::int64_t lane = 0; lane < kTileColumns; ++lane) target[lane] += static_cast<double>(tile[i][lane]);
    }
  }
}

CW_SIMD void multiply_panel(const float* a, std::int64_t stride_a, std::int64_t inner, const float* b,
                            std::int64_t width, float* c) {
  for (std::int64_t j = 0; j < width; j += kTileColumns) {
    Floats tile[kTileRows] = {};
    for (std::int64_t k = 0; k < inner; ++k) {
      Floats right;
      simd::load(right, b + k * width + j);
      for (std::int64_t i = 0; i < kTileRows; ++i) tile[i] += a[i * stride_a + k] * right;
    }
    for (std::int64_t i = 0; i < kTileRows; ++i) simd::store(c + i * width + j, tile[i]);
  }
}

CW_SIMD void add_transposed_panel(const float* a, std::int64_t rows, std::int64_t stride_a, std::int64_t first,
                                  const float* b, std::int64_t width, float* c) {
  for (std::int64_t j = 0; j < width; j += kTileColumns) {
    Floats tile[kTileRows];
    for (std::int64_t i = 0; i < kTileRows; ++i) simd::load(tile[i], c + i * width + j);
    for (std::int64_t r = 0; r < rows; ++r) {
      Floats right;
      simd::load(right, b + r * width + j);
      const float* left = a + r * stride_a + first;
      for (std::int64_t i = 0; i < kTileRows; ++i) tile[i] += left[i] * right;
    }
    for (std::int64_t i = 0; i < kTileRows; ++i) simd::store(c + i * width + j, tile[i]);
  }
}

CW_SIMD void squared_distances(const float* query, const float* const* rows, std::int64_t count, std::int64_t width,
                               float* distances) {
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    Floats sums[4] = {};
    for (std::int64_t d = 0; d < width; d += simd::kLanes) {
      Floats q;
      simd::load(q, query + d);
      for (std::int64_t r = 0; r < 4; ++r) {
        Floats other;
        simd::load(other, rows[i + r] + d);
        const Floats difference = q - other;
        sums[r] += difference * difference;
      }
    }
    for (std::int64_t r = 0; r < 4; ++r) distances[i + r] = simd::sum_of(sums[r]);
  }
  for (; i < count; ++i) {
    Floats sum = {};
    for (std::int64_t d = 0; d < width; d += simd::kLanes) {
      Floats q;
      Floats other;
      simd::load(q, query + d);
      simd::load(other, rows[i] + d);
      const Floats difference = q - other;
      sum += difference * difference;
    }
    distances[i] = simd::sum_of(sum);
  }
}

CW_SIMD float dot_product(const float* a, const float* b, std::int64_t width) {
  Floats sum = {};
  for (std::int64_t d = 0; d < width; d += simd::kLanes) {
    Floats left;
    Floats right;
    simd::load(left, a + d);
    simd::load(right, b + d);
    sum += left * right;
  }
  return simd::sum_of(sum);
}

}  // namespace cw
