// SPDX-License-Identifier: GPL-3.0-or-later
// bfloat16 (AVX512-BF16) and int8 (AVX512-VNNI): one instruction multiplies two or four inputs per 32-bit lane and adds
// them to a float32 or int32 sum, so the tiles are those of float32 with words of several inputs.
#include "core/model/kernels/kernel_sources.h"

#include <immintrin.h>

#define CW_LANES 16
#define CW_TILE_ROWS 6
#define CW_TILE_VECTORS 4

namespace cw {
namespace {
#include "core/model/kernels/linear.inl"

typedef std::int32_t IntegersInMemory __attribute__((vector_size(64), aligned(4), may_alias));

struct BFloat16Dot {
  using Word = std::int32_t;  ///< two inputs, the first in the low half
  using Sum = Floats;
  using Words = Integers;
  static Words load_words(const Word* from) { return *reinterpret_cast<const IntegersInMemory*>(from); }
  static void add(Sum& sum, Word a, Words b) {
    const Integers a_everywhere = Integers{} + a;
    sum = reinterpret_cast<Floats>(_mm512_dpbf16_ps(
        reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a_everywhere), reinterpret_cast<__m512bh>(b)));
  }
};

struct Int8Dot {
  using Word = std::int32_t;  ///< four inputs: rows unsigned, weights signed
  using Sum = Integers;
  using Words = Integers;
  static Words load_words(const Word* from) { return *reinterpret_cast<const IntegersInMemory*>(from); }
  static void add(Sum& sum, Word a, Words b) {
    sum = reinterpret_cast<Integers>(
        _mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), _mm512_set1_epi32(a), reinterpret_cast<__m512i>(b)));
  }
};

inline __mmask16 first_lanes(std::int64_t count) {
  return count >= kLanes ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << count) - 1U);
}

/// Rounds `count` floats to bfloat16; `to` has room for a multiple of two, filled with zero.
inline void round_row(const float* from, std::int64_t count, std::uint16_t* to) {
  for (std::int64_t i = 0; i < count; i += kLanes) {
    const __m512 values = _mm512_maskz_loadu_ps(first_lanes(count - i), from + i);
    const __m256i rounded = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values));
    const std::int64_t left = (count - i + 1) / 2 * 2;
    _mm256_mask_storeu_epi16(to + i, first_lanes(left), rounded);
  }
}

void linear_bfloat16(const LinearCall& call) {
  const std::int64_t depth = call.matrix->depth;
  auto* words = static_cast<std::int32_t*>(call.scratch);
  for (std::int64_t row = 0; row < call.rows; ++row) {
    round_row(call.x + row * call.x_stride, call.matrix->inputs, reinterpret_cast<std::uint16_t*>(words + row * depth));
  }
  linear_rows<BFloat16Dot>(call, words, depth);
}

/// How a row was rounded: value = low + step * integer.
struct RowSteps {
  float low;
  float step;
};

inline RowSteps round_row_to_8_bits(const float* from, std::int64_t count, std::int32_t* words, std::int64_t depth) {
  __m512 low = _mm512_setzero_ps();
  __m512 high = _mm512_setzero_ps();
  for (std::int64_t i = 0; i < count; i += kLanes) {
    const __m512 values = _mm512_maskz_loadu_ps(first_lanes(count - i), from + i);
    low = _mm512_min_ps(low, values);
    high = _mm512_max_ps(high, values);
  }
  RowSteps steps{_mm512_reduce_min_ps(low), 0.0F};
  const float range = _mm512_reduce_max_ps(high) - steps.low;
  steps.step = range > 0.0F ? range / 255.0F : 1.0F;
  const __m512 all_low = _mm512_set1_ps(steps.low);
  const __m512 per_step = _mm512_set1_ps(1.0F / steps.step);
  auto* bytes = reinterpret_cast<std::uint8_t*>(words);
  for (std::int64_t i = 0; i < depth * 4; i += kLanes) {
    const __m512 values = _mm512_mask_loadu_ps(all_low, first_lanes(count > i ? count - i : 0), from + i);
    const __m512i integers = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_sub_ps(values, all_low), per_step));
    _mm512_mask_cvtusepi32_storeu_epi8(bytes + i, first_lanes(depth * 4 - i), integers);
  }
  return steps;
}

/// y = scale * (step * integer sum + low * column sum) + bias [+ residual] [relu]
template <int R>
inline void int8_tile(const LinearCall& call, const std::int32_t* words, const RowSteps* steps, std::int64_t row,
                      std::int64_t column) {
  const PanelMatrix& matrix = *call.matrix;
  Integers integers[R][kTileVectors] = {};
  tile<Int8Dot, R, kTileVectors>(matrix.depth, words + row * matrix.depth, matrix.depth, 1,
                                 static_cast<const std::int32_t*>(matrix.words) + column * matrix.depth, kPanelColumns,
                                 integers);
  Floats sum[R][kTileVectors];
  for (int r = 0; r < R; ++r) {
    const RowSteps rounded = steps[row + r];
    for (int v = 0; v < kTileVectors; ++v) {
      const std::int64_t at = column + v * kLanes;
      const Floats whole = __builtin_convertvector(integers[r][v], Floats);
      sum[r][v] = load(matrix.scale + at) * (whole * rounded.step + load(matrix.column_sum + at) * rounded.low);
    }
  }
  finish_tile<R>(call, row, column, true, true, sum);
}

void linear_int8(const LinearCall& call) {
  const PanelMatrix& matrix = *call.matrix;
  auto* steps = static_cast<RowSteps*>(call.scratch);
  auto* words = static_cast<std::int32_t*>(call.scratch) + 2 * call.rows;
  for (std::int64_t row = 0; row < call.rows; ++row) {
    steps[row] =
        round_row_to_8_bits(call.x + row * call.x_stride, matrix.inputs, words + row * matrix.depth, matrix.depth);
  }
  for (std::int64_t column = 0; column < matrix.outputs; column += kPanelColumns) {
    std::int64_t row = 0;
    for (; row + kTileRows <= call.rows; row += kTileRows) int8_tile<kTileRows>(call, words, steps, row, column);
    for (; row + 2 <= call.rows; row += 2) int8_tile<2>(call, words, steps, row, column);
    if (row < call.rows) int8_tile<1>(call, words, steps, row, column);
  }
}

}  // namespace

void add_avx512_low_precision(KernelSet& set) {
  set.linear_bfloat16 = linear_bfloat16;
  set.linear_int8 = linear_int8;
}

}  // namespace cw
