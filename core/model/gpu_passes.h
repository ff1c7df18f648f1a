// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/gpu_library.h"
#include "core/model/model_weights.h"
#include "core/model/packed_batch.h"
#include "core/model/packed_matrix.h"

#include <memory>
#include <span>
#include <string>

namespace cw {

/// The passes of Encoder on a GPU: float32 rows on the CPU in, float32 rows on the CPU out. May be used by several
/// threads. What the GPU refuses is thrown as ThrownError: call through guard_torch.
class GpuPasses {
 public:
  /// Copies the model to GPU `index`. Errors: kUnsupported E-DEV-001, E-DEV-004, E-DEV-007, E-DEV-009; kNotFound
  /// E-DEV-005; kOutOfMemory E-DEV-008; kUnsupported E-DEV-010 (int8).
  [[nodiscard]] static Result<std::shared_ptr<const GpuPasses>> load(int index, const ModelConfig& config,
                                                                     const ModelWeights& weights, Precision precision);

  /// "cuda:0 (NVIDIA H200)".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// hidden_states[layer] of a batch, of every row or of row 0 of every cell.
  [[nodiscard]] at::Tensor from_tokens(const PackedBatch& batch, int layer, bool first_row_only) const;
  /// hidden_states[to] from hidden_states[from].
  [[nodiscard]] at::Tensor from_hidden(const at::Tensor& hidden, std::span<const std::int64_t> offsets, int from,
                                       int to, bool first_row_only) const;
  /// As Encoder::project_qkv, attend_queries (queries null: those of `projected`) and finish_layer.
  [[nodiscard]] at::Tensor project(const at::Tensor& hidden, int layer) const;
  [[nodiscard]] at::Tensor attend(const at::Tensor* queries, std::span<const std::int64_t> query_offsets,
                                  const at::Tensor& projected, std::span<const std::int64_t> offsets) const;
  [[nodiscard]] at::Tensor finish(const at::Tensor& context, const at::Tensor& hidden, int layer) const;

 private:
  struct Free {
    const GpuInterface* gpu;
    void operator()(GpuEncoder* encoder) const { gpu->destroy_encoder(encoder); }
  };

  GpuPasses(const GpuInterface& gpu, GpuEncoder* encoder, std::int64_t hidden)
      : gpu_(gpu), encoder_(encoder, Free{&gpu}), hidden_(hidden) {}
  [[nodiscard]] at::Tensor run(GpuPass pass) const;

  const GpuInterface& gpu_;
  std::unique_ptr<GpuEncoder, Free> encoder_;
  std::int64_t hidden_;
  std::string name_;
};

}  // namespace cw
