// SPDX-License-Identifier: GPL-3.0-or-later
// Float32 linear, attention and LayerNorm. Needs CW_QUERY_VECTORS and CW_KEY_TILE: query
// vectors and rows of an attention tile.
#include "core/model/kernels/linear.inl"

void linear_float32(const LinearCall& call) { linear_rows<Float32Dot>(call, call.x, call.x_stride); }

// Attention is computed transposed: the lanes of a vector are queries. Then keys and values are read in place by
// broadcast, the softmax needs no sum across lanes, and only queries and results are transposed, once per block.
constexpr int kQueryVectors = CW_QUERY_VECTORS;
constexpr std::int64_t kQueryBlock = kQueryVectors * kLanes;
constexpr int kKeyTile = CW_KEY_TILE;

struct QueryBlock {
  float* queries;  ///< [head_width, kQueryBlock], scaled by log2(e) / sqrt(head_width)
  float* weights;  ///< [kAttentionKeyBlock, kQueryBlock]: scores, then exp2(score - maximum)
  float* sums;     ///< [head_width, kQueryBlock]: weighted sums of values
};

inline void gather_queries(const AttentionCall& call, std::int64_t first, std::int64_t count, float scale,
                           float* queries) {
  for (std::int64_t d = 0; d < call.head_width; ++d) {
    for (std::int64_t i = count; i < kQueryBlock; ++i) queries[d * kQueryBlock + i] = 0.0F;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const float* from = call.q + (first + i) * call.q_stride;
    for (std::int64_t d = 0; d < call.head_width; ++d) queries[d * kQueryBlock + i] = from[d] * scale;
  }
}

template <int R, int V>
inline void score_keys(const AttentionCall& call, const QueryBlock& block, std::int64_t key, std::int64_t place,
                       Floats (&largest)[V]) {
  Floats sum[R][V] = {};
  tile<Float32Dot, R, V>(call.head_width, call.k + key * call.kv_stride, call.kv_stride, 1, block.queries, kQueryBlock,
                         sum);
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) {
      store(block.weights + (place + r) * kQueryBlock + v * kLanes, sum[r][v]);
      largest[v] = larger(largest[v], sum[r][v]);
    }
  }
}

template <int R, int V>
inline void add_values(const AttentionCall& call, const QueryBlock& block, std::int64_t key, std::int64_t count,
                       std::int64_t d) {
  Floats sum[R][V];
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) sum[r][v] = load(block.sums + (d + r) * kQueryBlock + v * kLanes);
  }
  tile<Float32Dot, R, V>(count, call.v + key * call.kv_stride + d, 1, call.kv_stride, block.weights, kQueryBlock, sum);
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) store(block.sums + (d + r) * kQueryBlock + v * kLanes, sum[r][v]);
  }
}

/// Running softmax over key blocks (Milakov & Gimelshein 2018; Dao et al. 2022): maximum and sum per query are kept,
/// and what was summed before is scaled when the maximum grows.
template <int V>
inline void attend_block(const AttentionCall& call, const QueryBlock& block, Floats (&total)[V]) {
  Floats maximum[V];
  for (int v = 0; v < V; ++v) {
    maximum[v] = all(-3.0e38F);
    total[v] = Floats{};
  }
  for (std::int64_t i = 0; i < call.head_width * kQueryBlock; ++i) block.sums[i] = 0.0F;
  for (std::int64_t key = 0; key < call.keys; key += kAttentionKeyBlock) {
    const std::int64_t count = smaller_of(kAttentionKeyBlock, call.keys - key);
    Floats before[V];
    for (int v = 0; v < V; ++v) before[v] = maximum[v];
    std::int64_t place = 0;
    for (; place + kKeyTile <= count; place += kKeyTile) {
      score_keys<kKeyTile, V>(call, block, key + place, place, maximum);
    }
    for (; place < count; ++place) score_keys<1, V>(call, block, key + place, place, maximum);
    for (int v = 0; v < V; ++v) {
      const Floats shrink = exp2_of(before[v] - maximum[v]);
      Floats sum = total[v] * shrink;
      for (std::int64_t i = 0; i < count; ++i) {
        float* weight = block.weights + i * kQueryBlock + v * kLanes;
        const Floats value = exp2_of(load(weight) - maximum[v]);
        store(weight, value);
        sum += value;
      }
      total[v] = sum;
      for (std::int64_t d = 0; d < call.head_width; ++d) {
        float* into = block.sums + d * kQueryBlock + v * kLanes;
        store(into, load(into) * shrink);
      }
    }
    std::int64_t d = 0;
    for (; d + kKeyTile <= call.head_width; d += kKeyTile) add_values<kKeyTile, V>(call, block, key, count, d);
    for (; d < call.head_width; ++d) add_values<1, V>(call, block, key, count, d);
  }
}

template <int V>
inline void attend_queries(const AttentionCall& call, const QueryBlock& block, std::int64_t first, std::int64_t count) {
  Floats total[V];
  attend_block<V>(call, block, total);
  float inverse[V * kLanes];
  for (int v = 0; v < V; ++v) store(inverse + v * kLanes, 1.0F / total[v]);
  for (std::int64_t i = 0; i < count; ++i) {
    float* to = call.out + (first + i) * call.out_stride;
    for (std::int64_t d = 0; d < call.head_width; ++d) to[d] = block.sums[d * kQueryBlock + i] * inverse[i];
  }
}

void attention_float32(const AttentionCall& call) {
  auto* scratch = static_cast<float*>(call.scratch);
  const QueryBlock block{scratch, scratch + call.head_width * kQueryBlock,
                         scratch + (call.head_width + kAttentionKeyBlock) * kQueryBlock};
  const float scale = 1.44269504088896340736F / __builtin_sqrtf(static_cast<float>(call.head_width));
  for (std::int64_t first = 0; first < call.queries; first += kQueryBlock) {
    const std::int64_t count = smaller_of(kQueryBlock, call.queries - first);
    gather_queries(call, first, count, scale, block.queries);
    if (count <= kLanes) {
      attend_queries<1>(call, block, first, count);
    } else if (count <= 2 * kLanes) {
      attend_queries<2>(call, block, first, count);
    } else {
      attend_queries<kQueryVectors>(call, block, first, count);
    }
  }
}

inline float row_sum(const float* x, std::int64_t width) {
  Floats sum = {};
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) sum += load(x + i);
  float rest = 0.0F;
  for (; i < width; ++i) rest += x[i];
  return sum_of_lanes(sum) + rest;
}

inline float squared_distance_from(const float* x, std::int64_t width, float mean) {
  Floats sum = {};
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const Floats d = load(x + i) - mean;
    sum += d * d;
  }
  float rest = 0.0F;
  for (; i < width; ++i) rest += (x[i] - mean) * (x[i] - mean);
  return sum_of_lanes(sum) + rest;
}

// The variance is taken around the mean in a second pass: sum of squares minus squared mean cancels in float32.
void layer_norm(const LayerNormCall& call) {
  const float inverse_width = 1.0F / static_cast<float>(call.width);
  for (std::int64_t row = 0; row < call.rows; ++row) {
    const float* x = call.x + row * call.x_stride;
    float* out = call.out + row * call.out_stride;
    const float mean = row_sum(x, call.width) * inverse_width;
    const float variance = squared_distance_from(x, call.width, mean) * inverse_width;
    const float factor = 1.0F / __builtin_sqrtf(variance + call.eps);
    std::int64_t i = 0;
    for (; i + kLanes <= call.width; i += kLanes) {
      store(out + i, (load(x + i) - mean) * factor * load(call.weight + i) + load(call.bias + i));
    }
    for (; i < call.width; ++i) out[i] = (x[i] - mean) * factor * call.weight[i] + call.bias[i];
  }
}
