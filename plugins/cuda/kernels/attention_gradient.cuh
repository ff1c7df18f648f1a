// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients of attention without tensor cores: in float, and bf16 heads of unusual width.
#pragma once
#include "plugins/cuda/kernels/attention.cuh"
#include "plugins/cuda/kernels/attention_gradient.h"
#include "plugins/cuda/kernels/row_kernels.cuh"

namespace cw::cuda {

inline constexpr float kLog2E = 1.44269504089F;
inline constexpr float kLn2 = 0.69314718056F;

template <class T>
CW_DEVICE void attention_products(const AttentionProductsArguments& a) {
  const std::int64_t place = own_row(a.rows * a.heads);
  if (place < 0) return;
  const std::int64_t at = place / a.heads * a.out_stride + place % a.heads * a.head_width;
  float sum = 0.0F;
  for (int i = own_lane(); i < a.head_width; i += kWarp) {
    sum += to_float(static_cast<const T*>(a.out)[at + i]) * to_float(static_cast<const T*>(a.d_out)[at + i]);
  }
  sum = sum_of_warp(sum);
  if (own_lane() == 0) a.products[place] = sum;
}

CW_KERNEL(kRowThreads) cw_attention_products_float(AttentionProductsArguments a) { attention_products<float>(a); }
CW_KERNEL(kRowThreads) cw_attention_products_bfloat16(AttentionProductsArguments a) { attention_products<BFloat16>(a); }

/// Rows of queries and rows of keys of one cell that meet.
struct TilePair {
  std::int64_t query;  ///< first query row
  int queries;
  int first_query;  ///< place of it in the cell
  std::int64_t key;
  int keys;
  int first_key;
  int head;
};

/// 256 threads as 16 x 16: thread (r, c) has queries kOwn r, kOwn r + 1, ... with keys c, c + 16, ... of a pair of
/// tiles, and of the gradient rows kOwn r, ... with columns c, c + 16, ...
template <class T, int kWidth>
struct PlainAttentionGradient {
  static constexpr int kTile = kWidth > 64 ? 32 : 64;
  static constexpr int kOwn = kTile / 16;
  static constexpr int kOwnColumns = kWidth / 16;
  static constexpr int kStride = kWidth + 4;
  static constexpr int kWeightStride = kTile + 4;

  const AttentionGradientArguments& a;
  const AttentionArguments& f;
  float* queries;
  float* d_outs;
  float* keys;
  float* values;
  float* weights;    ///< [kTile, kWeightStride] after dropout
  float* gradients;  ///< the same, of the scores
  float* log_sums;   ///< [kTile], to the base of 2
  float* products;   ///< [kTile]
  int row, column;

  CW_DEVICE PlainAttentionGradient(const AttentionGradientArguments& arguments, float* shared)
      : a(arguments),
        f(arguments.forward),
        queries(shared),
        d_outs(queries + kTile * kStride),
        keys(d_outs + kTile * kStride),
        values(keys + kTile * kStride),
        weights(values + kTile * kStride),
        gradients(weights + kTile * kWeightStride),
        log_sums(gradients + kTile * kWeightStride),
        products(log_sums + kTile),
        row(static_cast<int>(threadIdx.x) / 16 * kOwn),
        column(static_cast<int>(threadIdx.x) % 16) {}

  CW_DEVICE void load_queries(const TilePair& pair) {
    const std::int64_t head = static_cast<std::int64_t>(pair.head) * f.head_width;
    load_rows<T, kWidth>(static_cast<const T*>(f.q) + pair.query * f.q_stride + head, f.q_stride, pair.queries, kTile,
                         f.head_width, queries);
    load_rows<T, kWidth>(static_cast<const T*>(a.d_out) + pair.query * f.out_stride + head, f.out_stride, pair.queries,
                         kTile, f.head_width, d_outs);
    for (int i = static_cast<int>(threadIdx.x); i < kTile; i += 256) {
      const bool there = i < pair.queries;
      const std::int64_t place = (pair.query + i) * f.heads + pair.head;
      log_sums[i] = there ? f.log_sums[place] * kLog2E : INFINITY;  // a missing query has no weights
      products[i] = there ? a.products[place] : 0.0F;
    }
  }

  CW_DEVICE void load_keys(const TilePair& pair) {
    const std::int64_t at = pair.key * f.kv_stride + static_cast<std::int64_t>(pair.head) * f.head_width;
    load_rows<T, kWidth>(static_cast<const T*>(f.k) + at, f.kv_stride, pair.keys, kTile, f.head_width, keys);
    load_rows<T, kWidth>(static_cast<const T*>(f.v) + at, f.kv_stride, pair.keys, kTile, f.head_width, values);
  }

  /// The weights of a pair, and the gradients of its scores: w (factor d_out.v - out.d_out) / sqrt(head_width).
  CW_DEVICE void weigh(const TilePair& pair) {
    float scores[kOwn][kOwn];
    float d_weights[kOwn][kOwn];
    multiply_rows<kWidth>(queries + row * kStride, keys + column * kStride, scores);
    multiply_rows<kWidth>(d_outs + row * kStride, values + column * kStride, d_weights);
    const std::uint64_t key = attention_key(f.dropout, pair.query - pair.first_query, f.heads, pair.head);
    for (int i = 0; i < kOwn; ++i) {
      const KeptElements kept(key, f.dropout, pair.first_query + row + i);
      for (int j = 0; j < kOwn; ++j) {
        const int k = column + 16 * j;
        const float weight = k < pair.keys ? exp2_fast(scores[i][j] * f.scale - log_sums[row + i]) : 0.0F;
        const float factor = kept.factor(pair.first_key + k);
        const int place = (row + i) * kWeightStride + k;
        weights[place] = weight * factor;
        gradients[place] = weight * (factor * d_weights[i][j] - products[row + i]) * f.scale * kLn2;
      }
    }
  }

  /// sums[i][j] += column row + i of `of_queries` times column 16 j of `rows`: over the queries.
  CW_DEVICE void add_over_queries(const float* of_queries, const float* rows, float (&sums)[kOwn][kOwnColumns]) const {
    CW_UNROLL_BY(2)
    for (int query = 0; query < kTile; ++query) {
      for (int j = 0; j < kOwnColumns; ++j) {
        const float value = rows[query * kStride + column + 16 * j];
        for (int i = 0; i < kOwn; ++i) sums[i][j] += of_queries[query * kWeightStride + row + i] * value;
      }
    }
  }

  CW_DEVICE void store(const float (&sums)[kOwn][kOwnColumns], int count, T* to, std::int64_t stride) const {
    for (int i = 0; i < kOwn; ++i) {
      if (row + i >= count) continue;
      for (int j = 0; j < kOwnColumns; ++j) {
        const int c = column + 16 * j;
        if (c < f.head_width) to[(row + i) * stride + c] = from_float<T>(sums[i][j]);
      }
    }
  }

  CW_DEVICE void of_queries() {
    TilePlace place = tile_place(f, kTile);
    TilePair pair{place.query, place.queries, place.first, 0, 0, 0, place.head};
    float sums[kOwn][kOwnColumns] = {};
    load_queries(pair);
    for (int first = 0; first < place.keys; first += kTile) {
      pair.first_key = first;
      pair.key = place.key + first;
      pair.keys = place.keys - first < kTile ? place.keys - first : kTile;
      __syncthreads();  // the keys before are done with
      load_keys(pair);
      __syncthreads();
      weigh(pair);
      __syncthreads();
      add_weighted_rows<kWidth, kTile>(gradients + row * kWeightStride, keys + column, sums);
    }
    const std::int64_t head = static_cast<std::int64_t>(place.head) * f.head_width;
    store(sums, place.queries, static_cast<T*>(a.dq) + place.query * a.dq_stride + head, a.dq_stride);
  }

  CW_DEVICE void of_keys() {
    const AttentionTile tile = f.tiles[blockIdx.x];
    const std::int64_t query = f.query_offsets[tile.cell];
    const int queries_of_cell = f.query_offsets[tile.cell + 1] - f.query_offsets[tile.cell];
    const int left = f.key_offsets[tile.cell + 1] - f.key_offsets[tile.cell] - tile.first;
    TilePair pair{};
    pair.key = static_cast<std::int64_t>(f.key_offsets[tile.cell]) + tile.first;
    pair.keys = left < kTile ? left : kTile;
    pair.first_key = tile.first;
    pair.head = static_cast<int>(blockIdx.y);
    float of_values[kOwn][kOwnColumns] = {};
    float of_keys[kOwn][kOwnColumns] = {};
    load_keys(pair);
    for (int first = 0; first < queries_of_cell; first += kTile) {
      pair.first_query = first;
      pair.query = query + first;
      pair.queries = queries_of_cell - first < kTile ? queries_of_cell - first : kTile;
      __syncthreads();  // the queries before are done with
      load_queries(pair);
      __syncthreads();
      weigh(pair);
      __syncthreads();
      add_over_queries(weights, d_outs, of_values);
      add_over_queries(gradients, queries, of_keys);
    }
    const std::int64_t at = pair.key * a.dkv_stride + static_cast<std::int64_t>(pair.head) * f.head_width;
    store(of_keys, pair.keys, static_cast<T*>(a.dk) + at, a.dkv_stride);
    store(of_values, pair.keys, static_cast<T*>(a.dv) + at, a.dkv_stride);
  }
};

template <class T, int kWidth>
CW_DEVICE void gradient_of_queries(const AttentionGradientArguments& a) {
  CW_SHARED(float, shared);
  PlainAttentionGradient<T, kWidth>(a, shared).of_queries();
}

template <class T, int kWidth>
CW_DEVICE void gradient_of_keys(const AttentionGradientArguments& a) {
  CW_SHARED(float, shared);
  PlainAttentionGradient<T, kWidth>(a, shared).of_keys();
}

CW_KERNEL(256) cw_query_gradient32_float(AttentionGradientArguments a) { gradient_of_queries<float, 32>(a); }
CW_KERNEL(256) cw_query_gradient64_float(AttentionGradientArguments a) { gradient_of_queries<float, 64>(a); }
CW_KERNEL(256) cw_query_gradient128_float(AttentionGradientArguments a) { gradient_of_queries<float, 128>(a); }
CW_KERNEL(256) cw_query_gradient256_float(AttentionGradientArguments a) { gradient_of_queries<float, 256>(a); }
CW_KERNEL(256) cw_query_gradient256_bfloat16(AttentionGradientArguments a) { gradient_of_queries<BFloat16, 256>(a); }
CW_KERNEL(256) cw_key_gradient32_float(AttentionGradientArguments a) { gradient_of_keys<float, 32>(a); }
CW_KERNEL(256) cw_key_gradient64_float(AttentionGradientArguments a) { gradient_of_keys<float, 64>(a); }
CW_KERNEL(256) cw_key_gradient128_float(AttentionGradientArguments a) { gradient_of_keys<float, 128>(a); }
CW_KERNEL(256) cw_key_gradient256_float(AttentionGradientArguments a) { gradient_of_keys<float, 256>(a); }
CW_KERNEL(256) cw_key_gradient256_bfloat16(AttentionGradientArguments a) { gradient_of_keys<BFloat16, 256>(a); }

}  // namespace cw::cuda
