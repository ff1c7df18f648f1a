// SPDX-License-Identifier: GPL-3.0-or-later
// softmax(q k^T / sqrt(head_width)) v for blocks of queries. Needs vector_tile.inl, CW_QUERY_VECTORS and CW_KEY_TILE:
// query vectors and rows of a tile.
//
// Computed transposed: the lanes of a vector are queries. Then keys and values are read by broadcast, the softmax needs
// no sum across lanes, and only queries and results are transposed, once per block.

constexpr int kQueryVectors = CW_QUERY_VECTORS;
constexpr std::int64_t kQueryBlock = kQueryVectors * kLanes;
constexpr int kKeyTile = CW_KEY_TILE;

/// Keys and values of one head as words: a word of keys holds neighbouring units of one key, a word of values one unit
/// of neighbouring keys. Strides in words.
template <class Kind>
struct KeysValues {
  const typename Kind::Dot::Word* keys;
  std::int64_t key_stride;
  const typename Kind::Dot::Word* values;
  std::int64_t value_stride;  ///< from one group of Kind::kKeysPerWord keys to the next
};

/// Work space of one query block; rows of kQueryBlock.
struct QueryBlock {
  float* queries;  ///< [head_width]: words of queries, scaled by log2(e) / sqrt(head_width)
  float* weights;  ///< [kAttentionKeyBlock]: scores, then words of exp2(score - maximum)
  float* sums;     ///< [head_width]: weighted sums of values
};

#if CW_LANES == 16
#define CW_LOW_LANES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define CW_HIGH_LANES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif CW_LANES == 8
#define CW_LOW_LANES 0, 8, 1, 9, 2, 10, 3, 11
#define CW_HIGH_LANES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define CW_LOW_LANES 0, 4, 1, 5
#define CW_HIGH_LANES 2, 6, 3, 7
#endif

/// Transposes kLanes x kLanes values. One step interleaves row i with row i + kLanes / 2, which turns the bits of a
/// value's place (row, lane) by one; log2(kLanes) steps exchange row and lane.
inline void transpose(Floats (&rows)[kLanes]) {
#pragma GCC unroll 4
  for (std::int64_t step = 1; step < kLanes; step *= 2) {
    Floats next[kLanes];
#pragma GCC unroll 8
    for (std::int64_t i = 0; i < kLanes / 2; ++i) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + kLanes / 2], CW_LOW_LANES);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + kLanes / 2], CW_HIGH_LANES);
    }
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kLanes; ++i) rows[i] = next[i];
  }
}

/// The words of up to kLanes queries, beginning with `first`, as lanes of block.queries from lane `lane` on.
template <class Kind>
inline void gather_lanes(const AttentionCall& call, std::int64_t first, std::int64_t count, float scale,
                         const QueryBlock& block, std::int64_t lane) {
  const std::int64_t words = Kind::words(call.head_width);
  float* rows = block.weights;  // free until the scores are computed
  const std::int64_t stride = (words + kLanes - 1) / kLanes * kLanes;
  for (std::int64_t i = 0; i < kLanes * stride; ++i) rows[i] = 0.0F;
  for (std::int64_t i = 0; i < count; ++i) {
    Kind::query_words(call.q + (first + i) * call.q_stride, call.head_width, scale, rows + i * stride);
  }
  for (std::int64_t word = 0; word < words; word += kLanes) {
    Floats square[kLanes];
    for (std::int64_t i = 0; i < kLanes; ++i) square[i] = load(rows + i * stride + word);
    transpose(square);
    const std::int64_t here = smaller_of(kLanes, words - word);
    for (std::int64_t i = 0; i < here; ++i) store(block.queries + (word + i) * kQueryBlock + lane, square[i]);
  }
}

/// The results of up to kLanes queries from lanes back to rows.
inline void scatter_lanes(const AttentionCall& call, std::int64_t first, std::int64_t count, const QueryBlock& block,
                          std::int64_t lane, Floats inverse_total) {
  std::int64_t d = 0;
  for (; d + kLanes <= call.head_width; d += kLanes) {
    Floats square[kLanes];
    for (std::int64_t i = 0; i < kLanes; ++i) {
      square[i] = load(block.sums + (d + i) * kQueryBlock + lane) * inverse_total;
    }
    transpose(square);
    for (std::int64_t i = 0; i < count; ++i) store(call.out + (first + i) * call.out_stride + d, square[i]);
  }
  for (; d < call.head_width; ++d) {
    const Floats values = load(block.sums + d * kQueryBlock + lane) * inverse_total;
    for (std::int64_t i = 0; i < count; ++i) call.out[(first + i) * call.out_stride + d] = values[i];
  }
}

template <class Kind, int R, int V>
inline void score_keys(const AttentionCall& call, const KeysValues<Kind>& source, const QueryBlock& block,
                       std::int64_t key, std::int64_t place, Floats (&largest)[V]) {
  using Word = typename Kind::Dot::Word;
  Floats sum[R][V] = {};
  tile<typename Kind::Dot, R, V>(Kind::words(call.head_width), source.keys + key * source.key_stride, source.key_stride,
                                 1, reinterpret_cast<const Word*>(block.queries), kQueryBlock, sum);
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) {
      store(block.weights + (place + r) * kQueryBlock + v * kLanes, sum[r][v]);
      largest[v] = larger(largest[v], sum[r][v]);
    }
  }
}

/// Scores to exp2(score - maximum), in place, as words; returns their sum.
template <class Kind>
inline Floats weigh_keys(float* weights, std::int64_t count, Floats maximum) {
  constexpr std::int64_t kGroup = Kind::kKeysPerWord;
  Floats total = {};
  for (std::int64_t i = 0; i < count; i += kGroup) {
    Floats group[kGroup] = {};
    for (std::int64_t j = 0; j < smaller_of(kGroup, count - i); ++j) {
      group[j] = exp2_of(load(weights + (i + j) * kQueryBlock) - maximum);
      total += group[j];
    }
    Kind::store_weights(weights + i / kGroup * kQueryBlock, group);
  }
  return total;
}

template <class Kind, int R, int V>
inline void add_values(const KeysValues<Kind>& source, const QueryBlock& block, std::int64_t group,
                       std::int64_t num_groups, std::int64_t d) {
  using Word = typename Kind::Dot::Word;
  Floats sum[R][V];
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) sum[r][v] = load(block.sums + (d + r) * kQueryBlock + v * kLanes);
  }
  tile<typename Kind::Dot, R, V>(num_groups, source.values + group * source.value_stride + d, 1, source.value_stride,
                                 reinterpret_cast<const Word*>(block.weights), kQueryBlock, sum);
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) store(block.sums + (d + r) * kQueryBlock + v * kLanes, sum[r][v]);
  }
}

/// Running softmax over key blocks (Milakov & Gimelshein 2018; Dao et al. 2022): maximum and sum per query are kept,
/// and what was summed before is scaled when the maximum grows.
template <class Kind, int V>
inline void attend_block(const AttentionCall& call, const KeysValues<Kind>& source, const QueryBlock& block,
                         Floats (&total)[V]) {
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
      score_keys<Kind, kKeyTile, V>(call, source, block, key + place, place, maximum);
    }
    for (; place < count; ++place) score_keys<Kind, 1, V>(call, source, block, key + place, place, maximum);
    for (int v = 0; v < V; ++v) {
      const Floats shrink = exp2_of(before[v] - maximum[v]);
      total[v] = total[v] * shrink + weigh_keys<Kind>(block.weights + v * kLanes, count, maximum[v]);
      for (std::int64_t d = 0; d < call.head_width; ++d) {
        float* into = block.sums + d * kQueryBlock + v * kLanes;
        store(into, load(into) * shrink);
      }
    }
    const std::int64_t group = key / Kind::kKeysPerWord;
    const std::int64_t num_groups = (count + Kind::kKeysPerWord - 1) / Kind::kKeysPerWord;
    std::int64_t d = 0;
    for (; d + kKeyTile <= call.head_width; d += kKeyTile) {
      add_values<Kind, kKeyTile, V>(source, block, group, num_groups, d);
    }
    for (; d < call.head_width; ++d) add_values<Kind, 1, V>(source, block, group, num_groups, d);
  }
}

template <class Kind, int V>
inline void attend_queries(const AttentionCall& call, const KeysValues<Kind>& source, const QueryBlock& block,
                           std::int64_t first, std::int64_t count, float scale) {
  for (int v = 0; v < V; ++v) {
    const std::int64_t lanes = smaller_of(kLanes, count - v * kLanes);
    gather_lanes<Kind>(call, first + v * kLanes, lanes, scale, block, v * kLanes);
  }
  Floats total[V];
  attend_block<Kind, V>(call, source, block, total);
  for (int v = 0; v < V; ++v) {
    const std::int64_t lanes = smaller_of(kLanes, count - v * kLanes);
    scatter_lanes(call, first + v * kLanes, lanes, block, v * kLanes, 1.0F / total[v]);
  }
}

/// `space`: (2 head_width + kAttentionKeyBlock) * kQueryBlock floats.
template <class Kind>
inline void attend(const AttentionCall& call, const KeysValues<Kind>& source, float* space) {
  const QueryBlock block{space, space + call.head_width * kQueryBlock,
                         space + (call.head_width + kAttentionKeyBlock) * kQueryBlock};
  const float scale = 1.44269504088896340736F / __builtin_sqrtf(static_cast<float>(call.head_width));
  for (std::int64_t first = 0; first < call.queries; first += kQueryBlock) {
    const std::int64_t count = smaller_of(kQueryBlock, call.queries - first);
    if (count <= kLanes) {
      attend_queries<Kind, 1>(call, source, block, first, count, scale);
    } else if (count <= 2 * kLanes) {
      attend_queries<Kind, 2>(call, source, block, first, count, scale);
    } else {
      attend_queries<Kind, kQueryVectors>(call, source, block, first, count, scale);
    }
  }
}
