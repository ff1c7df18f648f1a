// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/model/packed_matrix.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// A LayerNorm's parameters, [hidden] each; owned elsewhere.
struct NormParameters {
  const float* weight = nullptr;
  const float* bias = nullptr;
};

/// One encoder layer as the kernels read it.
struct PackedLayer {
  PackedMatrix query, key, value, attention_output, intermediate, output;
  NormParameters attention_norm, output_norm;
};

/// What all layers of an encoder share.
struct LayerShape {
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t ffn = 0;
  float norm_eps = 0.0F;
  bool bfloat16_attention = false;
  int num_threads = 0;
  const KernelSet* kernels = nullptr;
};

/// Rows of several cells one after the other, `stride` floats apart; cell i owns rows offsets[i] .. offsets[i + 1].
struct RaggedRows {
  const float* rows = nullptr;
  std::int64_t stride = 0;
  std::span<const std::int64_t> offsets;
};

/// Runs the steps of encoder layers on blocks of rows, with all threads. Keeps the threads' work space, so make one per
/// forward pass. Every row's result is the same whatever else is in the batch and however many threads there are.
class LayerRunner {
 public:
  /// With `watch`, blocks that begin after its cancel are left out: steps return within milliseconds, and what they
  /// were to write is undefined.
  explicit LayerRunner(const LayerShape& shape, const JobContext* watch = nullptr);

  /// Queries, keys and values of all rows: qkv [rows, 3 D] = [q | k | v].
  void project(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* qkv);
  /// Only keys and values, into the same places.
  void project_keys_values(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* qkv);
  /// Only queries: q [rows, D].
  void project_queries(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* q);

  /// context [rows of q, D] = attention of every cell's queries over the same cell's keys and values, per head.
  /// `keys` and `values` have the same stride and offsets.
  void attend(const RaggedRows& queries, const RaggedRows& keys, const float* values, float* context);

  /// The layer after its attention: output projection, residual, LayerNorm, feed-forward, residual, LayerNorm. `out`
  /// may be `hidden` (the layer's input). With `next`, that layer's queries, keys and values of the same rows follow
  /// while they are in the cache.
  void finish(const PackedLayer& layer, const float* context, const float* hidden, std::int64_t rows, float* out,
              const PackedLayer* next, float* next_qkv);

  /// out = LayerNorm(x) by rows; `out` may be `x`.
  void normalise(const NormParameters& norm, const float* x, std::int64_t rows, float* out);

 private:
  struct Workspace {
    AlignedWords sum, normed, inner, scratch;
  };
  struct AttentionItem {
    std::size_t cell;
    std::int64_t head;
    std::int64_t first;
    std::int64_t count;
  };

  template <class Work>
  void over_rows(std::int64_t rows, const Work& work);
  [[nodiscard]] std::vector<AttentionItem> attention_items(const RaggedRows& queries) const;
  void linear(const PackedMatrix& matrix, const float* x, std::int64_t rows, float* y, std::int64_t y_stride,
              const float* residual, bool relu, Workspace& space) const;
  void project_block(const PackedLayer& layer, const float* hidden, std::int64_t rows, float* qkv,
                     Workspace& space) const;
  void norm_block(const NormParameters& norm, const float* x, std::int64_t rows, float* out) const;

  [[nodiscard]] bool stopped() const noexcept { return watch_ != nullptr && watch_->cancelled(); }

  LayerShape shape_;
  const JobContext* watch_;
  std::vector<Workspace> workspaces_;
};

}  // namespace cw
