// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/layer_runner.h"

#include "core/base/parallel.h"

#include <algorithm>

namespace cw {
namespace {

// A block's rows times a layer's widths stay in the second-level cache; a multiple of every kernel's tile height.
constexpr std::int64_t kRowBlock = 96;
// Queries that share the packing of keys and values; a multiple of every kernel's query block.
constexpr std::int64_t kQueryChunk = 480;
constexpr std::int64_t kTileRows = 6;

std::int64_t row_block(std::int64_t rows, std::int64_t threads) {
  const std::int64_t share = (rows + threads - 1) / threads;
  return std::clamp((share + kTileRows - 1) / kTileRows * kTileRows, kTileRows, kRowBlock);
}

}  // namespace

LayerRunner::LayerRunner(const LayerShape& shape, const JobContext* watch) : shape_(shape), watch_(watch) {
  workspaces_.resize(static_cast<std::size_t>(effective_threads(shape.num_threads)));
  const std::int64_t widest = std::max(shape.hidden, shape.ffn);
  for (Workspace& space : workspaces_) {
    space.sum = AlignedWords(kRowBlock * shape.hidden);
    space.normed = AlignedWords(kRowBlock * shape.hidden);
    space.inner = AlignedWords(kRowBlock * shape.ffn);
    space.scratch = AlignedWords(kRowBlock * (widest + 2) + 16);
  }
}

template <class Work>
void LayerRunner::over_rows(std::int64_t rows, const Work& work) {
  const auto threads = static_cast<std::int64_t>(workspaces_.size());
  parallel_for(0, rows, row_block(rows, threads), static_cast<int>(threads),
               [&](std::int64_t begin, std::int64_t end, int worker) {
                 if (!stopped()) work(begin, end - begin, workspaces_[static_cast<std::size_t>(worker)]);
               });
}

void LayerRunner::linear(const PackedMatrix& matrix, const float* x, std::int64_t rows, float* y, std::int64_t y_stride,
                         const float* residual, bool relu, Workspace& space) const {
  LinearCall call;
  call.x = x;
  call.x_stride = matrix.inputs();
  call.rows = rows;
  call.residual = residual;
  call.residual_stride = matrix.outputs();
  call.relu = relu;
  call.y = y;
  call.y_stride = y_stride;
  call.scratch = space.scratch.data();
  matrix.apply(call);
}

void LayerRunner::norm_block(const NormParameters& norm, const float* x, std::int64_t rows, float* out) const {
  LayerNormCall call;
  call.x = x;
  call.x_stride = call.out_stride = call.width = shape_.hidden;
  call.rows = rows;
  call.weight = norm.weight;
  call.bias = norm.bias;
  call.eps = shape_.norm_eps;
  call.out = out;
  shape_.kernels->layer_norm(call);
}

void LayerRunner::normalise(const NormParameters& norm, const float* x, std::int64_t rows, float* out) {
  const std::int64_t d = shape_.hidden;
  over_rows(rows, [&](std::int64_t first, std::int64_t count, Workspace&) {
    norm_block(norm, x + first * d, count, out + first * d);
  });
}

void LayerRunner::project_keys_values(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* qkv) {
  const std::int64_t d = shape_.hidden;
  over_rows(rows, [&](std::int64_t first, std::int64_t count, Workspace& space) {
    float* to = qkv + first * 3 * d;
    linear(layer.key, hidden + first * d, count, to + d, 3 * d, nullptr, false, space);
    linear(layer.value, hidden + first * d, count, to + 2 * d, 3 * d, nullptr, false, space);
  });
}

void LayerRunner::project_queries(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* q) {
  const std::int64_t d = shape_.hidden;
  over_rows(rows, [&](std::int64_t first, std::int64_t count, Workspace& space) {
    linear(layer.query, hidden + first * d, count, q + first * d, d, nullptr, false, space);
  });
}

void LayerRunner::project(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* qkv) {
  const std::int64_t d = shape_.hidden;
  over_rows(rows, [&](std::int64_t first, std::int64_t count, Workspace& space) {
    project_block(layer, hidden + first * d, count, qkv + first * 3 * d, space);
  });
}

void LayerRunner::project_block(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* qkv,
                                Workspace& space) const {
  const std::int64_t d = shape_.hidden;
  linear(layer.query, hidden, rows, qkv, 3 * d, nullptr, false, space);
  linear(layer.key, hidden, rows, qkv + d, 3 * d, nullptr, false, space);
  linear(layer.value, hidden, rows, qkv + 2 * d, 3 * d, nullptr, false, space);
}

void LayerRunner::finish(const PackedLayer& layer, const float* context, const float* hidden, std::int64_t rows,
                         float* out, const PackedLayer* next, float* next_qkv) {
  const std::int64_t d = shape_.hidden;
  over_rows(rows, [&](std::int64_t first, std::int64_t count, Workspace& space) {
    float* sum = space.sum.floats();
    float* normed = space.normed.floats();
    float* inner = space.inner.floats();
    float* to = out + first * d;
    linear(layer.attention_output, context + first * d, count, sum, d, hidden + first * d, false, space);
    norm_block(layer.attention_norm, sum, count, normed);
    linear(layer.intermediate, normed, count, inner, shape_.ffn, nullptr, true, space);
    linear(layer.output, inner, count, sum, d, normed, false, space);
    norm_block(layer.output_norm, sum, count, to);
    if (next != nullptr) project_block(*next, to, count, next_qkv + first * 3 * d, space);
  });
}

std::vector<LayerRunner::AttentionItem> LayerRunner::attention_items(const RaggedRows& queries) const {
  std::vector<AttentionItem> items;
  for (std::size_t cell = 0; cell + 1 < queries.offsets.size(); ++cell) {
    const std::int64_t length = queries.offsets[cell + 1] - queries.offsets[cell];
    for (std::int64_t head = 0; head < shape_.heads; ++head) {
      for (std::int64_t first = 0; first < length; first += kQueryChunk) {
        items.push_back({cell, head, first, std::min(kQueryChunk, length - first)});
      }
    }
  }
  return items;
}

void LayerRunner::attend(const RaggedRows& queries, const RaggedRows& keys, const float* values, float* context) {
  const std::int64_t width = shape_.hidden / shape_.heads;
  std::int64_t longest = 0;
  for (std::size_t cell = 0; cell + 1 < keys.offsets.size(); ++cell) {
    longest = std::max(longest, keys.offsets[cell + 1] - keys.offsets[cell]);
  }
  const std::int64_t needed = attention_scratch_words(longest, width);
  for (Workspace& space : workspaces_) {
    if (space.scratch.size() < needed) space.scratch = AlignedWords(needed);
  }
  const auto kernel =
      shape_.bfloat16_attention ? shape_.kernels->attention_bfloat16 : shape_.kernels->attention_float32;
  const std::vector<AttentionItem> items = attention_items(queries);
  parallel_for(0, static_cast<std::int64_t>(items.size()), 1, static_cast<int>(workspaces_.size()),
               [&](std::int64_t begin, std::int64_t end, int worker) {
                 for (std::int64_t i = begin; i < end && !stopped(); ++i) {
                   const AttentionItem& item = items[static_cast<std::size_t>(i)];
                   const std::int64_t row = queries.offsets[item.cell] + item.first;
                   const std::int64_t key = keys.offsets[item.cell];
                   AttentionCall call;
                   call.q = queries.rows + row * queries.stride + item.head * width;
                   call.k = keys.rows + key * keys.stride + item.head * width;
                   call.v = values + key * keys.stride + item.head * width;
                   call.q_stride = queries.stride;
                   call.kv_stride = keys.stride;
                   call.queries = item.count;
                   call.keys = keys.offsets[item.cell + 1] - key;
                   call.head_width = width;
                   call.out = context + row * shape_.hidden + item.head * width;
                   call.out_stride = shape_.hidden;
                   call.scratch = workspaces_[static_cast<std::size_t>(worker)].scratch.data();
                   kernel(call);
                 }
               });
}

}  // namespace cw
