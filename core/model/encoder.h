// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/model/heads.h"
#include "core/model/layer_runner.h"
#include "core/model/model_weights.h"
#include "core/model/packed_batch.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

class GpuPasses;
struct DeviceRequest;

struct EncoderOptions {
  Precision precision = Precision::kFloat32;  ///< reported numbers: float32; the others trade accuracy for speed
  std::string device = "auto";                ///< auto, cpu, cuda[:i]
  int num_threads = 0;                        ///< 0 = all processors
};

/// "fp32", "bf16" or "int8". Errors: kInvalidArgument (E-MOD-014).
[[nodiscard]] Result<Precision> precision_from_name(std::string_view name);
[[nodiscard]] std::string_view name_of(Precision precision) noexcept;

/// A Geneformer encoder for inference: BERT with learned positions, post-norm and ReLU, over packed batches without
/// padding or mask. Immutable; may be used by several threads. No gradients are recorded.
///
/// Source   Theodoris et al. 2023, doi:10.1038/s41586-023-06139-9; the layers are those of `BertModel`.
/// Shapes   T tokens of B cells in pack order, D hidden units; all tensors float32 on the CPU, contiguous.
/// Repeat   a cell's numbers do not depend on the other cells of the batch, nor on the number of threads.
/// GPU      with a GPU the same functions compute there, whole passes without a copy in between; see device().
/// Cancel   functions with `watch` return within milliseconds of its cancel; their numbers are then undefined, so ask
///          `watch->cancelled()` before using them.
/// Errors   batches must pass check_batch first; memory running out and a GPU that fails are thrown: call through
///          guard_torch.
class Encoder {
 public:
  /// Errors: those of load_weights, device_request and, where a GPU is required, GpuPasses::load and kRefused E-DEV-011
  /// (it computes something else than the processor); kUnsupported (E-MOD-002: heads too wide), kOutOfMemory.
  [[nodiscard]] static Result<std::shared_ptr<const Encoder>> load(const ModelFolder& folder,
                                                                   const EncoderOptions& options);
  /// From weights in memory. `weights.layers` are packed and not kept.
  [[nodiscard]] static Result<std::shared_ptr<const Encoder>> create(const ModelConfig& config, ModelWeights weights,
                                                                     const EncoderOptions& options);

  [[nodiscard]] const ModelConfig& config() const noexcept { return config_; }
  [[nodiscard]] Precision precision() const noexcept { return precision_; }
  [[nodiscard]] int num_threads() const noexcept { return shape_.num_threads; }
  /// Where passes are computed: "cpu" or "cuda:0 (NVIDIA H200)".
  [[nodiscard]] const std::string& device() const noexcept { return device_; }
  /// Why "auto" did not take a GPU; empty where it was not asked or did.
  [[nodiscard]] const std::string& why_no_gpu() const noexcept { return why_no_gpu_; }
  /// Heads of the model's architecture; always float32.
  [[nodiscard]] const Heads& heads() const noexcept { return heads_; }
  [[nodiscard]] const at::Tensor& word_embeddings() const noexcept { return weights_.word_embeddings; }

  // ---- whole passes

  /// [T, D] = hidden_states[0].
  [[nodiscard]] at::Tensor embed_tokens(const PackedBatch& batch) const;
  /// [T, D] = hidden_states[layer], 0 <= layer <= N. Layers above are not computed.
  [[nodiscard]] at::Tensor hidden(const PackedBatch& batch, int layer, const JobContext* watch = nullptr) const;
  /// [B, D]: row 0 (V2: <cls>) of every cell of hidden_states[layer]; the last layer is computed for that row only.
  [[nodiscard]] at::Tensor first_rows(const PackedBatch& batch, int layer, const JobContext* watch = nullptr) const;
  /// hidden_states[0 .. N], for comparing and plotting.
  [[nodiscard]] std::vector<at::Tensor> all_hidden(const PackedBatch& batch) const;
  /// Attention probabilities of layer `layer` (0 .. N - 1), one tensor [heads, L, L] per cell: rows are queries.
  [[nodiscard]] std::vector<at::Tensor> attention_probabilities(const PackedBatch& batch, int layer) const;

  // ---- parts of a layer: layer `layer` in 0 .. N - 1 maps hidden_states[layer] to hidden_states[layer + 1]

  /// hidden_states[to] from hidden_states[from]; `offsets` [B + 1] as in PackedBatch.
  [[nodiscard]] at::Tensor continue_from(const at::Tensor& hidden, std::span<const std::int64_t> offsets, int from,
                                         int to, const JobContext* watch = nullptr) const;
  /// The same for row 0 of every cell only: [B, D]. from < to.
  [[nodiscard]] at::Tensor first_rows_from(const at::Tensor& hidden, std::span<const std::int64_t> offsets, int from,
                                           int to, const JobContext* watch = nullptr) const;
  /// [T, 3 D]: queries, keys and values of every row, side by side.
  [[nodiscard]] at::Tensor project_qkv(const at::Tensor& hidden, int layer, const JobContext* watch = nullptr) const;
  /// [T, D]: attention within each cell from the projections of its rows, heads side by side.
  [[nodiscard]] at::Tensor attend(const at::Tensor& qkv, std::span<const std::int64_t> offsets,
                                  const JobContext* watch = nullptr) const;
  /// [Tq, D]: the same with queries [Tq, D] of their own cells' offsets; `keys_values` [T, 3 D] as project_qkv makes it
  /// (its queries are not read). Both offsets have the same number of cells.
  [[nodiscard]] at::Tensor attend_queries(const at::Tensor& queries, std::span<const std::int64_t> query_offsets,
                                          const at::Tensor& keys_values, std::span<const std::int64_t> offsets) const;
  /// [T, D]: the rest of the layer, row by row, from the attention's result and the layer's input.
  [[nodiscard]] at::Tensor finish_layer(const at::Tensor& context, const at::Tensor& hidden, int layer,
                                        const JobContext* watch = nullptr) const;

 private:
  Encoder() = default;
  void pack_layers(const KernelSet& kernels);
  void forget_layer_matrices();
  Result<> take_gpu(const DeviceRequest& request);
  Result<std::shared_ptr<const GpuPasses>> checked_gpu(int index) const;
  void run_layers(LayerRunner& runner, at::Tensor& hidden, std::span<const std::int64_t> offsets, int from,
                  int to) const;
  [[nodiscard]] const PackedLayer& layer_at(int layer) const;

  ModelConfig config_;
  Precision precision_ = Precision::kFloat32;
  LayerShape shape_;
  ModelWeights weights_;  ///< embeddings, LayerNorms and heads; the linear layers live in layers_
  std::vector<PackedLayer> layers_;
  Heads heads_;
  std::shared_ptr<const GpuPasses> gpu_;  ///< null: this processor
  std::string device_ = "cpu";
  std::string why_no_gpu_;
};

}  // namespace cw
