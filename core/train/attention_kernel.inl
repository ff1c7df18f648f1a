// SPDX-License-Identifier: GPL-3.0-or-later
// Attention of one head of one cell, a block of query rows at a time, probabilities recomputed in the backward pass
// (Dao et al. 2022, FlashAttention): memory is linear in the length of the cell.

constexpr std::int64_t kQueryBlock = 48;  // rows of probabilities held at a time: 8 register tiles

struct AttentionScratch {
  std::int64_t columns = 0;  // key positions, in whole tiles, plus one vector against cache conflicts at powers of two
  std::int64_t width = 0;    // head width in whole vectors
  float *key_columns, *value_columns;         // [width, columns]: transposed
  float *key_rows, *value_rows, *query_rows;  // [length, width]
  float *dk, *dv;                             // [length, width]
  float *probabilities, *other;               // [kQueryBlock, columns]
  float *small_a, *small_b;                   // [kQueryBlock, width]
};

inline std::int64_t padded_columns(std::int64_t length) { return round_up(length, kTileColumns) + kLanes; }

inline AttentionScratch divide_scratch(float* scratch, std::int64_t length, std::int64_t head_width) {
  AttentionScratch s;
  s.columns = padded_columns(length);
  s.width = round_up(head_width, kLanes);
  const auto take = [&](std::int64_t floats) {
    float* part = scratch;
    scratch += floats;
    return part;
  };
  s.key_columns = take(s.width * s.columns);
  s.value_columns = take(s.width * s.columns);
  s.key_rows = take(length * s.width);
  s.value_rows = take(length * s.width);
  s.query_rows = take(length * s.width);
  s.dk = take(length * s.width);
  s.dv = take(length * s.width);
  s.probabilities = take(kQueryBlock * s.columns);
  s.other = take(kQueryBlock * s.columns);
  s.small_a = take(kQueryBlock * s.width);
  s.small_b = take(kQueryBlock * s.width);
  return s;
}

std::int64_t attention_scratch(std::int64_t length, std::int64_t head_width) {
  const std::int64_t columns = padded_columns(length);
  const std::int64_t width = round_up(head_width, kLanes);
  return 2 * columns * width + 5 * length * width + 2 * kQueryBlock * (columns + width);
}

inline void copy_rows(const float* from, std::int64_t stride, std::int64_t rows, std::int64_t width, float* to,
                      std::int64_t to_stride) {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t d = 0; d < width; ++d) to[i * to_stride + d] = from[i * stride + d];
  }
}

inline void pack_whole_vectors(const float* from, std::int64_t stride, std::int64_t rows, std::int64_t width, float* to,
                               std::int64_t padded_width) {
  copy_rows(from, stride, rows, width, to, padded_width);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t d = width; d < padded_width; ++d) to[i * padded_width + d] = 0.0F;
  }
}

inline void transpose(const float* from, std::int64_t stride, std::int64_t rows, std::int64_t width, float* to,
                      std::int64_t columns) {
  for (std::int64_t d = 0; d < width; ++d) {
    for (std::int64_t j = 0; j < rows; ++j) to[d * columns + j] = from[j * stride + d];
    for (std::int64_t j = rows; j < columns; ++j) to[d * columns + j] = 0.0F;
  }
}

void attention_forward(const AttentionHead& head, float* output, std::int64_t output_stride, float* log_sum_exp,
                       float* scratch) {
  const AttentionScratch s = divide_scratch(scratch, head.length, head.width);
  transpose(head.k, head.row_stride, head.length, head.width, s.key_columns, s.columns);
  pack_whole_vectors(head.v, head.row_stride, head.length, head.width, s.value_rows, s.width);
  const std::int64_t whole = round_up(head.length, kLanes);
  for (std::int64_t first = 0; first < head.length; first += kQueryBlock) {
    const std::int64_t rows = head.length - first < kQueryBlock ? head.length - first : kQueryBlock;
    multiply({head.q + first * head.row_stride, head.row_stride, 1}, s.key_columns, s.columns, s.probabilities,
             s.columns, rows, whole, head.width, false);
    for (std::int64_t i = 0; i < rows; ++i) {
      float* row = s.probabilities + i * s.columns;
      for (std::int64_t j = head.length; j < whole; ++j) row[j] = -1e30F;
      Vec top = splat(-1e30F);
      for (std::int64_t j = 0; j < whole; j += kLanes) {
        const Vec x = load(row + j);
        top = choose(x > top, x, top);
      }
      const float highest = max_of(top) * head.scale;
      const KeptElements kept(head.dropout, first + i);
      Vec total = Vec{};
      for (std::int64_t j = 0; j < whole; j += kLanes) {
        Vec x = exp_of(load(row + j) * head.scale - highest);
        total += x;
        if (kept.active) x *= kept.factor(j);
        store(row + j, x);
      }
      const float sum = sum_of(total);
      log_sum_exp[first + i] = highest + __builtin_logf(sum);
      s.small_b[i] = 1.0F / sum;
    }
    multiply({s.probabilities, s.columns, 1}, s.value_rows, s.width, s.small_a, s.width, rows, s.width, head.length,
             false);
    for (std::int64_t i = 0; i < rows; ++i) {
      float* out = output + (first + i) * output_stride;
      for (std::int64_t d = 0; d < head.width; ++d) out[d] = s.small_a[i * s.width + d] * s.small_b[i];
    }
  }
}

// Turns one row of scores into dropped-out probabilities (in place) and one row of their gradients into that of the
// scores (in place): dS = P * (dropout(dPd) - sum(Pd * dPd)), where the sum equals d_output . output.
inline void attention_row_backward(const AttentionHead& head, std::int64_t query, float log_sum, float inner_product,
                                   float* scores, float* gradient, std::int64_t whole) {
  const KeptElements kept(head.dropout, query);
  for (std::int64_t j = head.length; j < whole; ++j) scores[j] = -1e30F;
  for (std::int64_t j = 0; j < whole; j += kLanes) {
    const Vec p = exp_of(load(scores + j) * head.scale - log_sum);
    Vec g = load(gradient + j);
    Vec dropped = p;
    if (kept.active) {
      const Vec factor = kept.factor(j);
      g *= factor;
      dropped *= factor;
    }
    store(scores + j, dropped);
    store(gradient + j, p * (g - inner_product) * head.scale);
  }
}

void attention_backward(const AttentionHead& head, const AttentionGradient& gradient, float* scratch) {
  const AttentionScratch s = divide_scratch(scratch, head.length, head.width);
  transpose(head.k, head.row_stride, head.length, head.width, s.key_columns, s.columns);
  transpose(head.v, head.row_stride, head.length, head.width, s.value_columns, s.columns);
  pack_whole_vectors(head.k, head.row_stride, head.length, head.width, s.key_rows, s.width);
  pack_whole_vectors(head.q, head.row_stride, head.length, head.width, s.query_rows, s.width);
  const std::int64_t whole = round_up(head.length, kLanes);
  for (std::int64_t first = 0; first < head.length; first += kQueryBlock) {
    const std::int64_t rows = head.length - first < kQueryBlock ? head.length - first : kQueryBlock;
    const float* d_output = gradient.d_output + first * gradient.output_stride;
    const float* output = gradient.output + first * gradient.output_stride;
    pack_whole_vectors(d_output, gradient.output_stride, rows, head.width, s.small_a, s.width);
    const float* queries = s.query_rows + first * s.width;
    multiply({queries, s.width, 1}, s.key_columns, s.columns, s.probabilities, s.columns, rows, whole, head.width,
             false);
    multiply({s.small_a, s.width, 1}, s.value_columns, s.columns, s.other, s.columns, rows, whole, head.width, false);
    for (std::int64_t i = 0; i < rows; ++i) {
      float inner_product = 0.0F;
      for (std::int64_t d = 0; d < head.width; ++d) {
        inner_product += output[i * gradient.output_stride + d] * d_output[i * gradient.output_stride + d];
      }
      attention_row_backward(head, first + i, gradient.log_sum_exp[first + i], inner_product,
                             s.probabilities + i * s.columns, s.other + i * s.columns, whole);
    }
    const bool add = first > 0;
    multiply({s.probabilities, 1, s.columns}, s.small_a, s.width, s.dv, s.width, head.length, s.width, rows, add);
    multiply({s.other, 1, s.columns}, queries, s.width, s.dk, s.width, head.length, s.width, rows, add);
    multiply({s.other, s.columns, 1}, s.key_rows, s.width, s.small_b, s.width, rows, s.width, head.length, false);
    copy_rows(s.small_b, s.width, rows, head.width, gradient.dq + first * head.row_stride, head.row_stride);
  }
  copy_rows(s.dk, s.width, head.length, head.width, gradient.dk, head.row_stride);
  copy_rows(s.dv, s.width, head.length, head.width, gradient.dv, head.row_stride);
}
