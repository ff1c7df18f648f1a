// SPDX-License-Identifier: GPL-3.0-or-later
// Attention inside every cell with a running softmax over blocks of keys (Milakov & Gimelshein 2018; Dao et al. 2022,
// 2023): nothing of size L x L is stored. Here without tensor cores: float, and bf16 heads of unusual width.
#pragma once
#include "plugins/cuda/device.h"
#include "plugins/cuda/kernels/attention.h"
#include "plugins/cuda/kernels/dropout.cuh"

namespace cw::cuda {

inline constexpr float kNoScore = -INFINITY;

/// The rows of one tile and of its cell.
struct TilePlace {
  std::int64_t query;  ///< first query row
  int queries;         ///< rows of the tile
  int first;           ///< place of the first of them in the cell
  std::int64_t key;    ///< first key row of the cell
  int keys;
  int head;
};

CW_DEVICE TilePlace tile_place(const AttentionArguments& a, int tile_queries) {
  const AttentionTile tile = a.tiles[blockIdx.x];
  TilePlace place;
  place.first = tile.first;
  place.query = static_cast<std::int64_t>(a.query_offsets[tile.cell]) + tile.first;
  const int left = static_cast<int>(a.query_offsets[tile.cell + 1] - place.query);
  place.queries = left < tile_queries ? left : tile_queries;
  place.key = a.key_offsets[tile.cell];
  place.keys = a.key_offsets[tile.cell + 1] - a.key_offsets[tile.cell];
  place.head = static_cast<int>(blockIdx.y);
  return place;
}

/// What dropout keeps of the weights of one query of the tile.
CW_DEVICE KeptElements kept_weights(const AttentionArguments& a, const TilePlace& place, int row) {
  return {attention_key(a.dropout, place.query - place.first, a.heads, place.head), a.dropout, place.first + row};
}

struct alignas(16) FourFloats {
  float x, y, z, w;
};

CW_DEVICE FourFloats four_at(const float* from) { return *reinterpret_cast<const FourFloats*>(from); }

/// `rows` rows of one head, of which `count` are there, to shared memory as floats, kWidth + 4 apart; zeros beyond the
/// last row and beyond the head's width. 256 threads.
template <class T, int kWidth>
CW_DEVICE void load_rows(const void* from, std::int64_t stride, int count, int rows, int head_width, float* to) {
  for (int i = static_cast<int>(threadIdx.x); i < rows * kWidth; i += 256) {
    const int r = i / kWidth;
    const int c = i % kWidth;
    const bool there = r < count && c < head_width;
    to[r * (kWidth + 4) + c] = there ? to_float(static_cast<const T*>(from)[r * stride + c]) : 0.0F;
  }
}

/// out[i][j] = row i of `a` times row 16 j of `b`.
template <int kWidth, int kRows, int kColumns>
CW_DEVICE void multiply_rows(const float* a, const float* b, float (&out)[kRows][kColumns]) {
  constexpr int kStride = kWidth + 4;
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) out[i][j] = 0.0F;
  }
  CW_UNROLL_BY(4)
  for (int d = 0; d < kWidth; d += 4) {
    FourFloats of_a[kRows];
    for (int i = 0; i < kRows; ++i) of_a[i] = four_at(a + i * kStride + d);
    for (int j = 0; j < kColumns; ++j) {
      const FourFloats of_b = four_at(b + 16 * j * kStride + d);
      for (int i = 0; i < kRows; ++i) {
        out[i][j] += of_a[i].x * of_b.x + of_a[i].y * of_b.y + of_a[i].z * of_b.z + of_a[i].w * of_b.w;
      }
    }
  }
}

/// sums[i][j] += row i of `weights` (kCount numbers, kCount + 4 apart) times column 16 j of `rows`.
template <int kWidth, int kCount, int kRows, int kColumns>
CW_DEVICE void add_weighted_rows(const float* weights, const float* rows, float (&sums)[kRows][kColumns]) {
  constexpr int kStride = kWidth + 4;
  CW_UNROLL_BY(2)
  for (int key = 0; key < kCount; key += 4) {
    FourFloats w[kRows];
    for (int i = 0; i < kRows; ++i) w[i] = four_at(weights + i * (kCount + 4) + key);
    for (int j = 0; j < kColumns; ++j) {
      const float* v = rows + key * kStride + 16 * j;
      for (int i = 0; i < kRows; ++i) {
        sums[i][j] += w[i].x * v[0] + w[i].y * v[kStride] + w[i].z * v[2 * kStride] + w[i].w * v[3 * kStride];
      }
    }
  }
}

/// 256 threads as 16 x 16: thread (r, c) has queries 4 r .. 4 r + 3 with keys c, c + 16, ... of a block of keys, and
/// the same queries' columns c, c + 16, ... of the result. The 16 threads of a row are half a warp.
template <class T, int kWidth, bool kDrops>
struct PlainAttention {
  static constexpr int kThreads = 256;
  static constexpr int kQueries = 64;
  static constexpr int kKeys = kWidth > 128 ? 32 : 64;
  static constexpr int kStride = kWidth + 4;  // apart by 4 banks
  static constexpr int kWeightStride = kKeys + 4;
  static constexpr int kOwnKeys = kKeys / 16;
  static constexpr int kOwnColumns = kWidth / 16;

  float* queries;
  float* keys;
  float* values;
  float* weights;
  int row, column;
  float sums[4][kOwnColumns];
  float largest[4];
  float total[4];
  KeptElements kept[kDrops ? 4 : 1];

  CW_DEVICE explicit PlainAttention(float* shared)
      : queries(shared),
        keys(queries + kQueries * kStride),
        values(keys + kKeys * kStride),
        weights(values + kKeys * kStride),
        row(static_cast<int>(threadIdx.x) / 16 * 4),
        column(static_cast<int>(threadIdx.x) % 16) {
    for (int i = 0; i < 4; ++i) {
      largest[i] = kNoScore;
      total[i] = 0.0F;
      for (int j = 0; j < kOwnColumns; ++j) sums[i][j] = 0.0F;
    }
  }

  /// Scores to weights in shared memory, which the same half warp reads again.
  CW_DEVICE void weigh(float (&scores)[4][kOwnKeys], int first, int count, float scale) {
    for (int i = 0; i < 4; ++i) {
      float here = kNoScore;
      for (int j = 0; j < kOwnKeys; ++j) {
        scores[i][j] = column + 16 * j < count ? scores[i][j] * scale : kNoScore;
        here = fmaxf(here, scores[i][j]);
      }
      for (int mask = 8; mask > 0; mask /= 2) here = fmaxf(here, from_lane_xor(here, mask));
      const float before = largest[i];
      largest[i] = fmaxf(before, here);
      const float shrink = exp2_fast(before - largest[i]);
      float sum = 0.0F;
      for (int j = 0; j < kOwnKeys; ++j) {
        const float weight = exp2_fast(scores[i][j] - largest[i]);
        sum += weight;
        float& used = weights[(row + i) * kWeightStride + column + 16 * j];
        used = weight;
        if constexpr (kDrops) used *= kept[i].factor(first + column + 16 * j);
      }
      for (int mask = 8; mask > 0; mask /= 2) sum += from_lane_xor(sum, mask);
      total[i] = total[i] * shrink + sum;
      for (int j = 0; j < kOwnColumns; ++j) sums[i][j] *= shrink;
    }
    __syncwarp();
  }

  CW_DEVICE void run(const AttentionArguments& a) {
    const TilePlace place = tile_place(a, kQueries);
    const std::int64_t head = static_cast<std::int64_t>(place.head) * a.head_width;
    if constexpr (kDrops) {
      for (int i = 0; i < 4; ++i) kept[i] = kept_weights(a, place, row + i);
    }
    load_rows<T, kWidth>(static_cast<const T*>(a.q) + place.query * a.q_stride + head, a.q_stride, place.queries,
                         kQueries, a.head_width, queries);
    for (int first = 0; first < place.keys; first += kKeys) {
      const int count = place.keys - first < kKeys ? place.keys - first : kKeys;
      const std::int64_t at = (place.key + first) * a.kv_stride + head;
      __syncthreads();  // the block of keys before is done with
      load_rows<T, kWidth>(static_cast<const T*>(a.k) + at, a.kv_stride, count, kKeys, a.head_width, keys);
      load_rows<T, kWidth>(static_cast<const T*>(a.v) + at, a.kv_stride, count, kKeys, a.head_width, values);
      __syncthreads();
      float scores[4][kOwnKeys];
      multiply_rows<kWidth>(queries + row * kStride, keys + column * kStride, scores);
      weigh(scores, first, count, a.scale);
      add_weighted_rows<kWidth, kKeys>(weights + row * kWeightStride, values + column, sums);
    }
    store(a, place, head);
  }

  CW_DEVICE void store(const AttentionArguments& a, const TilePlace& place, std::int64_t head) const {
    for (int i = 0; i < 4; ++i) {
      if (row + i >= place.queries) continue;
      const std::int64_t query = place.query + row + i;
      const float factor = 1.0F / total[i];
      for (int j = 0; j < kOwnColumns; ++j) {
        const int c = column + 16 * j;
        if (c >= a.head_width) continue;
        static_cast<T*>(a.out)[query * a.out_stride + head + c] = from_float<T>(sums[i][j] * factor);
      }
      if (a.log_sums != nullptr && column == 0) {
        a.log_sums[query * a.heads + place.head] = largest[i] * 0.69314718056F + logf(total[i]);
      }
    }
  }
};

template <class T, int kWidth, bool kDrops = false>
CW_DEVICE void attend_plainly(const AttentionArguments& a) {
  CW_SHARED(float, shared);
  PlainAttention<T, kWidth, kDrops> attention(shared);
  attention.run(a);
}

CW_KERNEL(256) cw_attend32_float(AttentionArguments a) { attend_plainly<float, 32>(a); }
CW_KERNEL(256) cw_attend64_float(AttentionArguments a) { attend_plainly<float, 64>(a); }
CW_KERNEL(256) cw_attend128_float(AttentionArguments a) { attend_plainly<float, 128>(a); }
CW_KERNEL(256) cw_attend256_float(AttentionArguments a) { attend_plainly<float, 256>(a); }
CW_KERNEL(256) cw_attend256_bfloat16(AttentionArguments a) { attend_plainly<BFloat16, 256>(a); }

CW_KERNEL(256) cw_attend_dropping32_float(AttentionArguments a) { attend_plainly<float, 32, true>(a); }
CW_KERNEL(256) cw_attend_dropping64_float(AttentionArguments a) { attend_plainly<float, 64, true>(a); }
CW_KERNEL(256) cw_attend_dropping128_float(AttentionArguments a) { attend_plainly<float, 128, true>(a); }
CW_KERNEL(256) cw_attend_dropping256_float(AttentionArguments a) { attend_plainly<float, 256, true>(a); }
CW_KERNEL(256) cw_attend_dropping256_bfloat16(AttentionArguments a) { attend_plainly<BFloat16, 256, true>(a); }

}  // namespace cw::cuda
