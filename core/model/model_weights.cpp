// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_weights.h"

#include <ATen/ops/empty.h>

#include <utility>

namespace cw {
namespace {

/// Where the parameters live, in the order of encoder_parameters.
std::vector<at::Tensor*> encoder_slots(ModelWeights& weights) {
  std::vector<at::Tensor*> slots = {&weights.word_embeddings, &weights.position_embeddings, &weights.type_embeddings,
                                    &weights.embedding_norm_weight, &weights.embedding_norm_bias};
  for (LayerWeights& layer : weights.layers) {
    slots.insert(slots.end(), {&layer.query_weight, &layer.query_bias, &layer.key_weight, &layer.key_bias,
                               &layer.value_weight, &layer.value_bias, &layer.attention_output_weight,
                               &layer.attention_output_bias, &layer.attention_norm_weight, &layer.attention_norm_bias,
                               &layer.intermediate_weight, &layer.intermediate_bias, &layer.output_weight,
                               &layer.output_bias, &layer.output_norm_weight, &layer.output_norm_bias});
  }
  return slots;
}

/// The same for head_parameters.
std::vector<at::Tensor*> head_slots(ModelWeights& weights, const ModelConfig& config) {
  if (config.architecture == kMaskedLm) {
    return {&weights.prediction_bias, &weights.transform_weight, &weights.transform_bias,
            &weights.transform_norm_weight, &weights.transform_norm_bias};
  }
  std::vector<at::Tensor*> slots;
  if (config.architecture == kCellClassifier && config.pooling == kPoolFirst) {
    slots = {&weights.pooler_weight, &weights.pooler_bias};
  }
  if (config.architecture == kCellClassifier && config.pooling == kPoolAttention) slots = {&weights.pooling_vector};
  slots.insert(slots.end(), {&weights.classifier_weight, &weights.classifier_bias});
  return slots;
}

void append(std::vector<ParameterSpec> specs, const std::vector<at::Tensor*>& slots,
            std::vector<NamedParameter>& list) {
  CW_ASSERT(specs.size() == slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) list.push_back({std::move(specs[i]), slots[i]});
}

}  // namespace

std::vector<NamedParameter> named_parameters(ModelWeights& weights, const ModelConfig& config, bool with_head) {
  weights.layers.resize(static_cast<std::size_t>(config.layers));
  std::vector<NamedParameter> list;
  append(encoder_parameters(config), encoder_slots(weights), list);
  if (with_head) append(head_parameters(config), head_slots(weights, config), list);
  return list;
}

Result<ModelWeights> load_weights(const ModelFolder& folder) {
  ModelWeights weights;
  for (const auto& [spec, tensor] : named_parameters(weights, folder.config, folder.has_head)) {
    const TensorRef* stored = folder.weights->find(spec.name);
    if (stored == nullptr || stored->shape != spec.shape) {
      return Error{ErrorCode::kShape, "E-MOD-001",
                   folder.path.string() + ": parameter " + spec.name + " is missing or does not have the shape " +
                       shape_text(spec.shape) + " that config.json asks for"};
    }
    // copied: later readers must not depend on the file staying as it is
    *tensor = at::empty(spec.shape, at::TensorOptions().dtype(at::kFloat));
    CW_TRY(copy_as_float32(*stored, {tensor->mutable_data_ptr<float>(), static_cast<std::size_t>(tensor->numel())}));
  }
  return weights;
}

std::vector<TensorRef> tensor_refs(ModelWeights& weights, const ModelConfig& config, bool with_head) {
  std::vector<TensorRef> refs;
  for (const auto& [spec, tensor] : named_parameters(weights, config, with_head)) {
    CW_ASSERT(tensor->defined() && tensor->is_contiguous() && tensor->scalar_type() == at::kFloat);
    refs.push_back({spec.name,
                    DType::kFloat32,
                    spec.shape,
                    {static_cast<const std::byte*>(tensor->const_data_ptr()), tensor->nbytes()}});
  }
  return refs;
}

}  // namespace cw
