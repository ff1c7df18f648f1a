// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/gpu_passes.h"

#include "core/model/torch_guard.h"

#include <ATen/ops/empty.h>

#include <utility>
#include <vector>

namespace cw {
namespace {

at::Tensor rows_of_floats(std::int64_t rows, std::int64_t width) {
  return at::empty({rows, width}, at::TensorOptions().dtype(at::kFloat));
}

const float* numbers(const at::Tensor& tensor) {
  CW_ASSERT(tensor.is_contiguous());
  return tensor.const_data_ptr<float>();
}

GpuLayer layer_of(const LayerWeights& from) {
  return {numbers(from.query_weight),
          numbers(from.query_bias),
          numbers(from.key_weight),
          numbers(from.key_bias),
          numbers(from.value_weight),
          numbers(from.value_bias),
          numbers(from.attention_output_weight),
          numbers(from.attention_output_bias),
          numbers(from.attention_norm_weight),
          numbers(from.attention_norm_bias),
          numbers(from.intermediate_weight),
          numbers(from.intermediate_bias),
          numbers(from.output_weight),
          numbers(from.output_bias),
          numbers(from.output_norm_weight),
          numbers(from.output_norm_bias)};
}

std::vector<std::int32_t> positions_of(const PackedBatch& batch) {
  if (!batch.positions.empty()) return batch.positions;
  std::vector<std::int32_t> positions;
  positions.reserve(batch.tokens.size());
  for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
    for (std::int32_t i = 0; i < batch.length(cell); ++i) positions.push_back(i);
  }
  return positions;
}

void require(std::int32_t done, const GpuError& error) {
  if (done == 0) throw ThrownError(error_of(error));
}

}  // namespace

Result<std::shared_ptr<const GpuPasses>> GpuPasses::load(int index, const ModelConfig& config,
                                                         const ModelWeights& weights, Precision precision) {
  if (precision == Precision::kInt8) {
    return Error{ErrorCode::kUnsupported, "E-DEV-010",
                 "--precision int8 is computed on the processor only; use fp32 or bf16, or --device cpu"};
  }
  CW_ASSIGN(const GpuInterface* gpu, gpu_interface());
  GpuError error{};
  std::vector<GpuLayer> layers;
  for (const LayerWeights& layer : weights.layers) layers.push_back(layer_of(layer));
  GpuModel model{};
  model.vocabulary = weights.word_embeddings.size(0);
  model.max_positions = weights.position_embeddings.size(0);
  model.hidden = config.hidden;
  model.heads = config.heads;
  model.ffn = config.ffn;
  model.num_layers = static_cast<std::int64_t>(layers.size());
  model.norm_eps = static_cast<float>(config.layer_norm_eps);
  model.bfloat16 = precision == Precision::kBFloat16 ? 1 : 0;
  model.word_embeddings = numbers(weights.word_embeddings);
  model.position_embeddings = numbers(weights.position_embeddings);
  model.type_embeddings = numbers(weights.type_embeddings);
  model.embedding_norm_weight = numbers(weights.embedding_norm_weight);
  model.embedding_norm_bias = numbers(weights.embedding_norm_bias);
  model.layers = layers.data();
  GpuEncoder* encoder = nullptr;
  if (gpu->create_encoder(index, &model, &encoder, &error) == 0) return error_of(error);
  auto passes = std::shared_ptr<GpuPasses>(new GpuPasses(*gpu, encoder, config.hidden));
  GpuDescription description{};
  if (gpu->describe(index, &description, &error) == 0) return error_of(error);
  passes->name_ = "cuda:" + std::to_string(index) + " (" + std::string(description.name) + ")";
  return std::shared_ptr<const GpuPasses>(std::move(passes));
}

at::Tensor GpuPasses::run(GpuPass pass) const {
  at::Tensor out = rows_of_floats(pass.first_row_only != 0 ? pass.cells : pass.rows, hidden_);
  pass.out = out.mutable_data_ptr<float>();
  GpuError error{};
  require(gpu_.run(encoder_.get(), &pass, &error), error);
  return out;
}

at::Tensor GpuPasses::from_tokens(const PackedBatch& batch, int layer, bool first_row_only) const {
  const std::vector<std::int32_t> positions = positions_of(batch);
  GpuPass pass{};
  pass.tokens = batch.tokens.data();
  pass.positions = positions.data();
  pass.offsets = batch.offsets.data();
  pass.cells = batch.num_cells();
  pass.rows = batch.num_tokens();
  pass.to = layer;
  pass.first_row_only = first_row_only ? 1 : 0;
  return run(pass);
}

at::Tensor GpuPasses::from_hidden(const at::Tensor& hidden, std::span<const std::int64_t> offsets, int from, int to,
                                  bool first_row_only) const {
  GpuPass pass{};
  pass.hidden = numbers(hidden);
  pass.offsets = offsets.data();
  pass.cells = static_cast<std::int64_t>(offsets.size()) - 1;
  pass.rows = hidden.size(0);
  pass.from = from;
  pass.to = to;
  pass.first_row_only = first_row_only ? 1 : 0;
  return run(pass);
}

at::Tensor GpuPasses::project(const at::Tensor& hidden, int layer) const {
  at::Tensor out = rows_of_floats(hidden.size(0), 3 * hidden_);
  GpuError error{};
  require(gpu_.project(encoder_.get(), layer, numbers(hidden), hidden.size(0), out.mutable_data_ptr<float>(), &error),
          error);
  return out;
}

at::Tensor GpuPasses::attend(const at::Tensor* queries, std::span<const std::int64_t> query_offsets,
                             const at::Tensor& projected, std::span<const std::int64_t> offsets) const {
  at::Tensor out = rows_of_floats(query_offsets.back(), hidden_);
  GpuAttention attention{};
  attention.projected = numbers(projected);
  attention.queries = queries == nullptr ? attention.projected : numbers(*queries);
  attention.query_offsets = query_offsets.data();
  attention.offsets = offsets.data();
  attention.cells = static_cast<std::int64_t>(offsets.size()) - 1;
  attention.out = out.mutable_data_ptr<float>();
  GpuError error{};
  require(gpu_.attend(encoder_.get(), &attention, &error), error);
  return out;
}

at::Tensor GpuPasses::finish(const at::Tensor& context, const at::Tensor& hidden, int layer) const {
  at::Tensor out = rows_of_floats(hidden.size(0), hidden_);
  GpuError error{};
  require(gpu_.finish(encoder_.get(), layer, numbers(context), numbers(hidden), hidden.size(0),
                      out.mutable_data_ptr<float>(), &error),
          error);
  return out;
}

}  // namespace cw
