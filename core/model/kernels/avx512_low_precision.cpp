// SPDX-License-Identifier: GPL-3.0-or-later
// bfloat16 (AVX512-BF16) and int8 (AVX512-VNNI): one instruction multiplies two or four inputs per 32-bit lane and adds
// them to a float32 or int32 sum, so the tiles are those of float32 with words of several inputs.
#include "core/model/kernels/kernel_sources.h"

#include <immintrin.h>

#define CW_LANES 16
#define CW_TILE_ROWS 6
#define CW_TILE_VECTORS 4
#define CW_QUERY_VECTORS 3
#define CW_KEY_TILE 8

namespace cw {
namespace {
#include "core/model/kernels/linear.inl"
// builds on the vectors that linear.inl brings
#include "core/model/kernels/attention.inl"

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

/// Interleaves the bfloat16 of two vectors: lane i holds first[i] in its low half and second[i] in its high half.
inline Integers pair_lanes(Floats first, Floats second) {
  const auto both =
      reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(second), reinterpret_cast<__m512>(first)));
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                         5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return reinterpret_cast<Integers>(_mm512_permutexvar_epi16(order, both));
}

struct BFloat16Attention {
  using Dot = BFloat16Dot;
  static constexpr std::int64_t kKeysPerWord = 2;
  static std::int64_t words(std::int64_t head_width) { return (head_width + 1) / 2; }
  static void query_words(const float* from, std::int64_t head_width, float scale, float* to) {
    auto* halves = reinterpret_cast<std::uint16_t*>(to);
    for (std::int64_t d = 0; d < head_width; d += kLanes) {
      const __m512 values = _mm512_maskz_loadu_ps(first_lanes(head_width - d), from + d);
      const __m512 scaled = _mm512_mul_ps(values, _mm512_set1_ps(scale));
      const std::int64_t left = (head_width - d + 1) / 2 * 2;
      _mm256_mask_storeu_epi16(halves + d, first_lanes(left), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(scaled)));
    }
  }
  static void store_weights(float* to, const Floats (&weights)[kKeysPerWord]) {
    *reinterpret_cast<IntegersInMemory*>(to) = pair_lanes(weights[0], weights[1]);
  }
};

/// Values of keys 2i and 2i + 1 side by side; a missing last key is zero.
inline void pair_values(const AttentionCall& call, std::int32_t* to) {
  for (std::int64_t key = 0; key < call.keys; key += 2) {
    const float* first = call.v + key * call.kv_stride;
    const bool has_second = key + 1 < call.keys;
    std::int32_t* words = to + key / 2 * call.head_width;
    for (std::int64_t d = 0; d < call.head_width; d += kLanes) {
      const __mmask16 lanes = first_lanes(call.head_width - d);
      const __m512 a = _mm512_maskz_loadu_ps(lanes, first + d);
      const __m512 b = has_second ? _mm512_maskz_loadu_ps(lanes, first + call.kv_stride + d) : _mm512_setzero_ps();
      const Integers both = pair_lanes(reinterpret_cast<Floats>(a), reinterpret_cast<Floats>(b));
      _mm512_mask_storeu_epi32(words + d, lanes, reinterpret_cast<__m512i>(both));
    }
  }
}

void attention_bfloat16(const AttentionCall& call) {
  const std::int64_t key_words = BFloat16Attention::words(call.head_width);
  auto* keys = static_cast<std::int32_t*>(call.scratch);
  auto* values = keys + call.keys * key_words;
  auto* space = reinterpret_cast<float*>(values + (call.keys + 1) / 2 * call.head_width);
  for (std::int64_t key = 0; key < call.keys; ++key) {
    round_row(call.k + key * call.kv_stride, call.head_width, reinterpret_cast<std::uint16_t*>(keys + key * key_words));
  }
  pair_values(call, values);
  attend<BFloat16Attention>(call, {keys, key_words, values, call.head_width}, space);
}

}  // namespace

void add_avx512_low_precision(KernelSet& set) {
  set.linear_bfloat16 = linear_bfloat16;
  set.linear_int8 = linear_int8;
  set.attention_bfloat16 = attention_bfloat16;
}

}  // namespace cw
