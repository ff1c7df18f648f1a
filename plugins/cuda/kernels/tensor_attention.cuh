// SPDX-License-Identifier: GPL-3.0-or-later
// Attention of bf16 heads on tensor cores, as FlashAttention-2 (Dao 2023) divides the work: a warp has rows of queries
// of its own in registers, keys and values come through shared memory, the next block of them while this one is used.
// Scores, weights and sums stay in registers; the weights are rounded to bf16 for the second product.
#pragma once
#include "plugins/cuda/kernels/attention.cuh"

namespace cw::cuda {

template <int kWidth, bool kDrops>
struct TensorAttention {
  static constexpr int kThreads = 128;
  static constexpr int kWarps = kThreads / kWarp;
  static constexpr int kTiles = kWidth > 64 ? 1 : 2;  ///< of 16 queries, in every warp
  static constexpr int kQueries = kWarps * kTiles * 16;
  static constexpr int kKeys = 64;
  static constexpr int kStride = kWidth + 8;  // rows of an 8 x 8 matrix lie in different banks
  static constexpr int kBlock = kKeys * kStride;
  static constexpr int kSteps = kWidth / 16;        ///< of the product over a head's units
  static constexpr int kKeyColumns = kKeys / 8;     ///< of 8 scores
  static constexpr int kValueColumns = kWidth / 8;  ///< of 8 units of the result

  BFloat16* queries;  ///< [kQueries, kStride]
  BFloat16* blocks;   ///< twice keys and values, [kKeys, kStride] each
  int warp, lane;
  std::uint32_t q[kTiles][kSteps][4];
  float sums[kTiles][kValueColumns][4];
  float largest[kTiles][2];  ///< of rows lane / 4 and lane / 4 + 8
  float total[kTiles][2];    ///< this lane's part
  KeptElements kept[kDrops ? kTiles : 1][2];

  CW_DEVICE explicit TensorAttention(BFloat16* shared)
      : queries(shared),
        blocks(shared + kQueries * kStride),
        warp(static_cast<int>(threadIdx.x) / kWarp),
        lane(static_cast<int>(threadIdx.x) % kWarp) {
    for (int t = 0; t < kTiles; ++t) {
      for (int h = 0; h < 2; ++h) {
        largest[t][h] = kNoScore;
        total[t][h] = 0.0F;
      }
      for (int n = 0; n < kValueColumns; ++n) {
        for (int i = 0; i < 4; ++i) sums[t][n][i] = 0.0F;
      }
    }
  }

  /// Begins to copy rows of one head; zeros beyond the last.
  CW_DEVICE static void load(const BFloat16* from, std::int64_t stride, int count, int rows, BFloat16* to) {
    constexpr int kPieces = kWidth / 8;  // of 16 bytes
    for (int i = static_cast<int>(threadIdx.x); i < rows * kPieces; i += kThreads) {
      const int r = i / kPieces;
      const int c = i % kPieces * 8;
      const bool there = r < count;
      copy_16_bytes(to + r * kStride + c, from + (there ? r * stride : 0) + c, there);
    }
  }

  CW_DEVICE void load_block(const AttentionArguments& a, const TilePlace& place, std::int64_t head, int first) {
    BFloat16* const to = blocks + first / kKeys % 2 * (2 * kBlock);
    const std::int64_t at = (place.key + first) * a.kv_stride + head;
    const int count = place.keys - first;
    load(static_cast<const BFloat16*>(a.k) + at, a.kv_stride, count, kKeys, to);
    load(static_cast<const BFloat16*>(a.v) + at, a.kv_stride, count, kKeys, to + kBlock);
  }

  CW_DEVICE void take_queries() {
    for (int t = 0; t < kTiles; ++t) {
      const BFloat16* const from = queries + ((warp * kTiles + t) * 16 + lane % 16) * kStride + lane / 16 * 8;
      for (int step = 0; step < kSteps; ++step) load_matrices(q[t][step], from + step * 16);
    }
  }

  CW_DEVICE void score(const BFloat16* keys, float (&scores)[kTiles][kKeyColumns][4]) const {
    const BFloat16* const own = keys + (lane / 16 * 8 + lane % 8) * kStride + lane / 8 % 2 * 8;
    CW_UNROLL
    for (int n = 0; n < kKeyColumns; n += 2) {
      CW_UNROLL
      for (int t = 0; t < kTiles; ++t) {
        for (int i = 0; i < 4; ++i) scores[t][n][i] = scores[t][n + 1][i] = 0.0F;
      }
      CW_UNROLL
      for (int step = 0; step < kSteps; ++step) {
        std::uint32_t k[4];
        load_matrices(k, own + n * 8 * kStride + step * 16);
        CW_UNROLL
        for (int t = 0; t < kTiles; ++t) {
          multiply_add_16x8x16(scores[t][n], q[t][step], k[0], k[1]);
          multiply_add_16x8x16(scores[t][n + 1], q[t][step], k[2], k[3]);
        }
      }
    }
  }

  CW_DEVICE void hide_missing_keys(float (&scores)[kTiles][kKeyColumns][4], int count) const {
    CW_UNROLL
    for (int t = 0; t < kTiles; ++t) {
      CW_UNROLL
      for (int n = 0; n < kKeyColumns; ++n) {
        CW_UNROLL
        for (int i = 0; i < 4; ++i) {
          if (n * 8 + lane % 4 * 2 + i % 2 >= count) scores[t][n][i] = kNoScore;
        }
      }
    }
  }

  /// Scores to weights, in place; `first` is the place of the first key in the cell.
  CW_DEVICE void weigh(float (&scores)[kTiles][kKeyColumns][4], int first, float scale) {
    CW_UNROLL
    for (int t = 0; t < kTiles; ++t) {
      CW_UNROLL
      for (int h = 0; h < 2; ++h) {
        float here = kNoScore;
        CW_UNROLL
        for (int n = 0; n < kKeyColumns; ++n) {
          here = fmaxf(here, fmaxf(scores[t][n][2 * h], scores[t][n][2 * h + 1]));
        }
        here = fmaxf(here, from_lane_xor(here, 1));
        here = fmaxf(here, from_lane_xor(here, 2));
        const float before = largest[t][h];
        largest[t][h] = fmaxf(before, here * scale);
        const float shrink = exp2_fast(before - largest[t][h]);
        float sum = 0.0F;
        CW_UNROLL
        for (int n = 0; n < kKeyColumns; ++n) {
          CW_UNROLL
          for (int i = 2 * h; i < 2 * h + 2; ++i) {
            scores[t][n][i] = exp2_fast(scores[t][n][i] * scale - largest[t][h]);
            sum += scores[t][n][i];
            if constexpr (kDrops) scores[t][n][i] *= kept[t][h].factor(first + n * 8 + lane % 4 * 2 + i % 2);
          }
        }
        total[t][h] = total[t][h] * shrink + sum;
        CW_UNROLL
        for (int n = 0; n < kValueColumns; ++n) {
          sums[t][n][2 * h] *= shrink;
          sums[t][n][2 * h + 1] *= shrink;
        }
      }
    }
  }

  CW_DEVICE void add_values(const BFloat16* values, const float (&weights)[kTiles][kKeyColumns][4]) {
    const BFloat16* const own = values + lane % 16 * kStride + lane / 16 * 8;
    CW_UNROLL
    for (int n = 0; n < kKeyColumns; n += 2) {
      std::uint32_t w[kTiles][4];
      CW_UNROLL
      for (int t = 0; t < kTiles; ++t) {
        w[t][0] = pack_bfloat16(weights[t][n][0], weights[t][n][1]);
        w[t][1] = pack_bfloat16(weights[t][n][2], weights[t][n][3]);
        w[t][2] = pack_bfloat16(weights[t][n + 1][0], weights[t][n + 1][1]);
        w[t][3] = pack_bfloat16(weights[t][n + 1][2], weights[t][n + 1][3]);
      }
      CW_UNROLL
      for (int d = 0; d < kValueColumns; d += 2) {
        std::uint32_t v[4];
        load_matrices_transposed(v, own + n * 8 * kStride + d * 8);
        CW_UNROLL
        for (int t = 0; t < kTiles; ++t) {
          multiply_add_16x8x16(sums[t][d], w[t], v[0], v[1]);
          multiply_add_16x8x16(sums[t][d + 1], w[t], v[2], v[3]);
        }
      }
    }
  }

  CW_DEVICE void run(const AttentionArguments& a) {
    const TilePlace place = tile_place(a, kQueries);
    const std::int64_t head = static_cast<std::int64_t>(place.head) * kWidth;
    if constexpr (kDrops) {
      for (int t = 0; t < kTiles; ++t) {
        for (int h = 0; h < 2; ++h) kept[t][h] = kept_weights(a, place, (warp * kTiles + t) * 16 + h * 8 + lane / 4);
      }
    }
    load(static_cast<const BFloat16*>(a.q) + place.query * a.q_stride + head, a.q_stride, place.queries, kQueries,
         queries);
    load_block(a, place, head, 0);
    commit_copies();
    for (int first = 0; first < place.keys; first += kKeys) {
      if (first + kKeys < place.keys) load_block(a, place, head, first + kKeys);
      commit_copies();
      wait_for_copies<1>();
      __syncthreads();
      if (first == 0) take_queries();
      const BFloat16* const keys = blocks + first / kKeys % 2 * (2 * kBlock);
      float scores[kTiles][kKeyColumns][4];
      score(keys, scores);
      if (first + kKeys > place.keys) hide_missing_keys(scores, place.keys - first);
      weigh(scores, first, a.scale);
      add_values(keys + kBlock, scores);
      __syncthreads();  // before the next but one overwrites this block
    }
    store(a, place, head);
  }

  CW_DEVICE void store(const AttentionArguments& a, const TilePlace& place, std::int64_t head) const {
    CW_UNROLL
    for (int t = 0; t < kTiles; ++t) {
      CW_UNROLL
      for (int h = 0; h < 2; ++h) {
        float sum = total[t][h];
        sum += from_lane_xor(sum, 1);
        sum += from_lane_xor(sum, 2);
        const int row = (warp * kTiles + t) * 16 + h * 8 + lane / 4;
        if (row >= place.queries) continue;
        const float factor = 1.0F / sum;
        BFloat16* const to = static_cast<BFloat16*>(a.out) + (place.query + row) * a.out_stride + head + lane % 4 * 2;
        CW_UNROLL
        for (int n = 0; n < kValueColumns; ++n) {
          *reinterpret_cast<std::uint32_t*>(to + n * 8) =
              pack_bfloat16(sums[t][n][2 * h] * factor, sums[t][n][2 * h + 1] * factor);
        }
        if (a.log_sums != nullptr && lane % 4 == 0) {
          a.log_sums[(place.query + row) * a.heads + place.head] = largest[t][h] * 0.69314718056F + logf(sum);
        }
      }
    }
  }
};

template <int kWidth, bool kDrops = false>
CW_DEVICE void attend_on_tensor_cores(const AttentionArguments& a) {
  CW_SHARED(BFloat16, shared);
  TensorAttention<kWidth, kDrops> attention(shared);
  attention.run(a);
}

CW_KERNEL(128) cw_attend32_bfloat16(AttentionArguments a) { attend_on_tensor_cores<32>(a); }
CW_KERNEL(128) cw_attend64_bfloat16(AttentionArguments a) { attend_on_tensor_cores<64>(a); }
CW_KERNEL(128) cw_attend128_bfloat16(AttentionArguments a) { attend_on_tensor_cores<128>(a); }

CW_KERNEL(128) cw_attend_dropping32_bfloat16(AttentionArguments a) { attend_on_tensor_cores<32, true>(a); }
CW_KERNEL(128) cw_attend_dropping64_bfloat16(AttentionArguments a) { attend_on_tensor_cores<64, true>(a); }
CW_KERNEL(128) cw_attend_dropping128_bfloat16(AttentionArguments a) { attend_on_tensor_cores<128, true>(a); }

}  // namespace cw::cuda
