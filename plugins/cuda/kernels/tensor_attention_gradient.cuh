// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients of attention of bf16 heads on tensor cores. Both kernels have one shape: a block owns 64 rows of one side
// (queries, or keys), a warp 16 of them; the rows of the other side come through shared memory, the next ones while
// these are used. Scores, weights and sums stay in registers; weights and gradients of scores are rounded to bf16 for
// the second product, as FlashAttention-2 (Dao 2023) does.
#pragma once
#include "plugins/cuda/kernels/attention_gradient.cuh"
#include "plugins/cuda/kernels/tensor_attention.cuh"

namespace cw::cuda {

/// What the gradient needs to know of a query.
struct alignas(16) QueryFacts {
  float log_sum;  ///< to the base of 2; infinite for a query that is not there
  float product;
  std::uint32_t row_key, spread;  ///< of dropout
};

/// Own side: queries and gradients of results, or keys and values (kOfKeys); the other side accordingly.
template <int kWidth, bool kOfKeys>
struct TensorAttentionGradient {
  static constexpr int kThreads = 128;
  static constexpr int kOwnRows = 64;
  static constexpr int kOtherRows = kWidth > 64 ? 32 : 64;
  static constexpr int kStride = kWidth + 8;  // rows of an 8 x 8 matrix lie in different banks
  static constexpr int kSteps = kWidth / 16;
  static constexpr int kScoreColumns = kOtherRows / 8;  ///< of 8 scores
  static constexpr int kColumns = kWidth / 8;           ///< of 8 units of a gradient
  static constexpr int kOther = kOtherRows * kStride;

  const AttentionGradientArguments& a;
  const AttentionArguments& f;
  BFloat16* own;      ///< [2, kOwnRows, kStride]
  BFloat16* others;   ///< twice [2, kOtherRows, kStride]
  QueryFacts* facts;  ///< of the own queries, or twice of the other ones
  int warp, lane;
  float first_sums[kColumns][4];   ///< of the gradient of queries, or of keys
  float second_sums[kColumns][4];  ///< of that of values

  CW_DEVICE TensorAttentionGradient(const AttentionGradientArguments& arguments, BFloat16* shared)
      : a(arguments),
        f(arguments.forward),
        own(shared),
        others(own + 2 * kOwnRows * kStride),
        facts(reinterpret_cast<QueryFacts*>(others + 4 * kOther)),
        warp(static_cast<int>(threadIdx.x) / kWarp),
        lane(static_cast<int>(threadIdx.x) % kWarp) {
    for (int n = 0; n < kColumns; ++n) {
      for (int i = 0; i < 4; ++i) first_sums[n][i] = second_sums[n][i] = 0.0F;
    }
  }

  /// Begins to copy rows of one head; zeros beyond the last.
  CW_DEVICE static void load(const void* rows, std::int64_t first, std::int64_t stride, int head, int count, int size,
                             BFloat16* to) {
    const BFloat16* const from = static_cast<const BFloat16*>(rows) + first * stride + std::int64_t{head} * kWidth;
    constexpr int kPieces = kWidth / 8;  // of 16 bytes
    for (int i = static_cast<int>(threadIdx.x); i < size * kPieces; i += kThreads) {
      const int r = i / kPieces;
      const int c = i % kPieces * 8;
      const bool there = r < count;
      copy_16_bytes(to + r * kStride + c, from + (there ? r * stride : 0) + c, there);
    }
  }

  /// Queries and gradients of results, with their facts.
  CW_DEVICE void load_queries(const TilePair& pair, int size, BFloat16* to, QueryFacts* of_queries) {
    load(f.q, pair.query, f.q_stride, pair.head, pair.queries, size, to);
    load(a.d_out, pair.query, f.out_stride, pair.head, pair.queries, size, to + size * kStride);
    const std::uint64_t key = attention_key(f.dropout, pair.query - pair.first_query, f.heads, pair.head);
    for (int i = static_cast<int>(threadIdx.x); i < size; i += kThreads) {
      const bool there = i < pair.queries;
      const std::int64_t place = (pair.query + i) * f.heads + pair.head;
      const KeptElements kept(key, f.dropout, pair.first_query + i);
      of_queries[i] = {there ? f.log_sums[place] * kLog2E : INFINITY, there ? a.products[place] : 0.0F, kept.row_key,
                       kept.spread};
    }
  }

  CW_DEVICE void load_keys(const TilePair& pair, int size, BFloat16* to) {
    load(f.k, pair.key, f.kv_stride, pair.head, pair.keys, size, to);
    load(f.v, pair.key, f.kv_stride, pair.head, pair.keys, size, to + size * kStride);
  }

  CW_DEVICE void load_others(const TilePair& pair, int stage) {
    BFloat16* const to = others + stage * (2 * kOther);
    if constexpr (kOfKeys) {
      load_queries(pair, kOtherRows, to, facts + stage * kOtherRows);
    } else {
      load_keys(pair, kOtherRows, to);
    }
  }

  /// Own rows times other rows: of the first matrices the scores, of the second the gradients of the weights.
  CW_DEVICE void multiply(const BFloat16* other, float (&scores)[kScoreColumns][4],
                          float (&d_weights)[kScoreColumns][4]) const {
    const BFloat16* const of_own = own + (warp * 16 + lane % 16) * kStride + lane / 16 * 8;
    const BFloat16* const of_other = other + (lane / 16 * 8 + lane % 8) * kStride + lane / 8 % 2 * 8;
    for (int n = 0; n < kScoreColumns; ++n) {
      for (int i = 0; i < 4; ++i) scores[n][i] = d_weights[n][i] = 0.0F;
    }
    CW_UNROLL
    for (int step = 0; step < kSteps; ++step) {
      std::uint32_t first[4];
      std::uint32_t second[4];
      load_matrices(first, of_own + step * 16);
      load_matrices(second, of_own + kOwnRows * kStride + step * 16);
      CW_UNROLL
      for (int n = 0; n < kScoreColumns; n += 2) {
        std::uint32_t words[4];
        load_matrices(words, of_other + n * 8 * kStride + step * 16);
        multiply_add_16x8x16(scores[n], first, words[0], words[1]);
        multiply_add_16x8x16(scores[n + 1], first, words[2], words[3]);
        load_matrices(words, of_other + kOther + n * 8 * kStride + step * 16);
        multiply_add_16x8x16(d_weights[n], second, words[0], words[1]);
        multiply_add_16x8x16(d_weights[n + 1], second, words[2], words[3]);
      }
    }
  }

  /// Scores to weights after dropout, gradients of weights to those of scores, both in place.
  CW_DEVICE void weigh(const TilePair& pair, const QueryFacts* of_queries, float (&scores)[kScoreColumns][4],
                       float (&d_weights)[kScoreColumns][4]) const {
    KeptElements kept(0, f.dropout, 0);
    CW_UNROLL
    for (int n = 0; n < kScoreColumns; ++n) {
      CW_UNROLL
      for (int i = 0; i < 4; ++i) {
        const int of_own = warp * 16 + lane / 4 + i / 2 * 8;
        const int of_other = n * 8 + lane % 4 * 2 + i % 2;
        const QueryFacts query = of_queries[kOfKeys ? of_other : of_own];
        const int key = kOfKeys ? of_own : of_other;
        kept.row_key = query.row_key;
        kept.spread = query.spread;
        const float weight = key < pair.keys ? exp2_fast(scores[n][i] * f.scale - query.log_sum) : 0.0F;
        const float factor = kept.factor(pair.first_key + key);
        scores[n][i] = weight * factor;
        d_weights[n][i] = weight * (factor * d_weights[n][i] - query.product) * f.scale * kLn2;
      }
    }
  }

  /// sums += `of_rows` (own rows by other rows) times the other rows.
  CW_DEVICE void add_products(const float (&of_rows)[kScoreColumns][4], const BFloat16* other,
                              float (&sums)[kColumns][4]) const {
    const BFloat16* const from = other + lane % 16 * kStride + lane / 16 * 8;
    CW_UNROLL
    for (int n = 0; n < kScoreColumns; n += 2) {
      const std::uint32_t w[4] = {
          pack_bfloat16(of_rows[n][0], of_rows[n][1]), pack_bfloat16(of_rows[n][2], of_rows[n][3]),
          pack_bfloat16(of_rows[n + 1][0], of_rows[n + 1][1]), pack_bfloat16(of_rows[n + 1][2], of_rows[n + 1][3])};
      CW_UNROLL
      for (int d = 0; d < kColumns; d += 2) {
        std::uint32_t v[4];
        load_matrices_transposed(v, from + n * 8 * kStride + d * 8);
        multiply_add_16x8x16(sums[d], w, v[0], v[1]);
        multiply_add_16x8x16(sums[d + 1], w, v[2], v[3]);
      }
    }
  }

  CW_DEVICE void store(const float (&sums)[kColumns][4], std::int64_t first, int count, int head, void* to,
                       std::int64_t stride) const {
    CW_UNROLL
    for (int h = 0; h < 2; ++h) {
      const int row = warp * 16 + h * 8 + lane / 4;
      if (row >= count) continue;
      BFloat16* const at =
          static_cast<BFloat16*>(to) + (first + row) * stride + std::int64_t{head} * kWidth + lane % 4 * 2;
      CW_UNROLL
      for (int n = 0; n < kColumns; ++n) {
        *reinterpret_cast<std::uint32_t*>(at + n * 8) = pack_bfloat16(sums[n][2 * h], sums[n][2 * h + 1]);
      }
    }
  }

  /// The part of `pair` on the other side that begins at `first`, of `count` rows.
  CW_DEVICE static TilePair with_others(TilePair pair, std::int64_t row, int first, int count) {
    const int rows = count - first < kOtherRows ? count - first : kOtherRows;
    if constexpr (kOfKeys) {
      pair.query = row + first;
      pair.first_query = first;
      pair.queries = rows;
    } else {
      pair.key = row + first;
      pair.first_key = first;
      pair.keys = rows;
    }
    return pair;
  }

  CW_DEVICE void run() {
    const AttentionTile tile = f.tiles[blockIdx.x];
    const std::int64_t query = f.query_offsets[tile.cell];
    const std::int64_t key = f.key_offsets[tile.cell];
    const int queries = f.query_offsets[tile.cell + 1] - f.query_offsets[tile.cell];
    const int keys = f.key_offsets[tile.cell + 1] - f.key_offsets[tile.cell];
    const int left = (kOfKeys ? keys : queries) - tile.first;
    const int own_count = left < kOwnRows ? left : kOwnRows;
    const int other_count = kOfKeys ? queries : keys;
    const std::int64_t other_row = kOfKeys ? query : key;
    TilePair pair{};
    pair.head = static_cast<int>(blockIdx.y);
    if constexpr (kOfKeys) {
      pair.key = key + tile.first;
      pair.first_key = tile.first;
      pair.keys = own_count;
      load_keys(pair, kOwnRows, own);
    } else {
      pair.query = query + tile.first;
      pair.first_query = tile.first;
      pair.queries = own_count;
      load_queries(pair, kOwnRows, own, facts);
    }
    load_others(with_others(pair, other_row, 0, other_count), 0);
    commit_copies();
    for (int first = 0; first < other_count; first += kOtherRows) {
      const int stage = first / kOtherRows % 2;
      const int next = first + kOtherRows;
      if (next < other_count) load_others(with_others(pair, other_row, next, other_count), 1 - stage);
      commit_copies();
      wait_for_copies<1>();
      __syncthreads();
      const BFloat16* const other = others + stage * (2 * kOther);
      float scores[kScoreColumns][4];
      float d_weights[kScoreColumns][4];
      multiply(other, scores, d_weights);
      weigh(with_others(pair, other_row, first, other_count), facts + (kOfKeys ? stage * kOtherRows : 0), scores,
            d_weights);
      add_products(d_weights, other, first_sums);
      if constexpr (kOfKeys) add_products(scores, other + kOther, second_sums);
      __syncthreads();  // before the next but one overwrites these
    }
    if constexpr (kOfKeys) {
      store(first_sums, pair.key, own_count, pair.head, a.dk, a.dkv_stride);
      store(second_sums, pair.key, own_count, pair.head, a.dv, a.dkv_stride);
    } else {
      store(first_sums, pair.query, own_count, pair.head, a.dq, a.dq_stride);
    }
  }
};

template <int kWidth, bool kOfKeys>
CW_DEVICE void gradient_on_tensor_cores(const AttentionGradientArguments& a) {
  CW_SHARED(BFloat16, shared);
  TensorAttentionGradient<kWidth, kOfKeys>(a, shared).run();
}

CW_KERNEL(128) cw_query_gradient32_bfloat16(AttentionGradientArguments a) { gradient_on_tensor_cores<32, false>(a); }
CW_KERNEL(128) cw_query_gradient64_bfloat16(AttentionGradientArguments a) { gradient_on_tensor_cores<64, false>(a); }
CW_KERNEL(128) cw_query_gradient128_bfloat16(AttentionGradientArguments a) { gradient_on_tensor_cores<128, false>(a); }
CW_KERNEL(128) cw_key_gradient32_bfloat16(AttentionGradientArguments a) { gradient_on_tensor_cores<32, true>(a); }
CW_KERNEL(128) cw_key_gradient64_bfloat16(AttentionGradientArguments a) { gradient_on_tensor_cores<64, true>(a); }
CW_KERNEL(128) cw_key_gradient128_bfloat16(AttentionGradientArguments a) { gradient_on_tensor_cores<128, true>(a); }

}  // namespace cw::cuda
