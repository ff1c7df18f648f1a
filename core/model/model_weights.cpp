// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_weights.h"

#include <ATen/ops/empty.h>

namespace cw {
namespace {

void list_encoder(ModelWeights& weights, const ModelConfig& config, std::vector<NamedParameter>& list) {
  const std::int64_t d = config.hidden;
  const std::int64_t f = config.ffn;
  const auto add = [&](std::string name, std::vector<std::int64_t> shape, at::Tensor& tensor) {
    list.push_back({"bert." + std::move(name), std::move(shape), &tensor, true});
  };
  add("embeddings.word_embeddings.weight", {config.vocab_size, d}, weights.word_embeddings);
  add("embeddings.position_embeddings.weight", {config.max_positions, d}, weights.position_embeddings);
  add("embeddings.token_type_embeddings.weight", {config.type_vocab, d}, weights.type_embeddings);
  add("embeddings.LayerNorm.weight", {d}, weights.embedding_norm_weight);
  add("embeddings.LayerNorm.bias", {d}, weights.embedding_norm_bias);
  weights.layers.resize(static_cast<std::size_t>(config.layers));
  for (std::size_t i = 0; i < weights.layers.size(); ++i) {
    LayerWeights& layer = weights.layers[i];
    const std::string at = "encoder.layer." + std::to_string(i) + ".";
    add(at + "attention.self.query.weight", {d, d}, layer.query_weight);
    add(at + "attention.self.query.bias", {d}, layer.query_bias);
    add(at + "attention.self.key.weight", {d, d}, layer.key_weight);
    add(at + "attention.self.key.bias", {d}, layer.key_bias);
    add(at + "attention.self.value.weight", {d, d}, layer.value_weight);
    add(at + "attention.self.value.bias", {d}, layer.value_bias);
    add(at + "attention.output.dense.weight", {d, d}, layer.attention_output_weight);
    add(at + "attention.output.dense.bias", {d}, layer.attention_output_bias);
    add(at + "attention.output.LayerNorm.weight", {d}, layer.attention_norm_weight);
    add(at + "attention.output.LayerNorm.bias", {d}, layer.attention_norm_bias);
    add(at + "intermediate.dense.weight", {f, d}, layer.intermediate_weight);
    add(at + "intermediate.dense.bias", {f}, layer.intermediate_bias);
    add(at + "output.dense.weight", {d, f}, layer.output_weight);
    add(at + "output.dense.bias", {d}, layer.output_bias);
    add(at + "output.LayerNorm.weight", {d}, layer.output_norm_weight);
    add(at + "output.LayerNorm.bias", {d}, layer.output_norm_bias);
  }
}

void list_head(ModelWeights& weights, const ModelConfig& config, std::vector<NamedParameter>& list) {
  const std::int64_t d = config.hidden;
  const auto add = [&](std::string name, std::vector<std::int64_t> shape, at::Tensor& tensor) {
    list.push_back({std::move(name), std::move(shape), &tensor, false});
  };
  if (config.architecture == "BertForMaskedLM") {
    add("cls.predictions.bias", {config.vocab_size}, weights.prediction_bias);
    add("cls.predictions.transform.dense.weight", {d, d}, weights.transform_weight);
    add("cls.predictions.transform.dense.bias", {d}, weights.transform_bias);
    add("cls.predictions.transform.LayerNorm.weight", {d}, weights.transform_norm_weight);
    add("cls.predictions.transform.LayerNorm.bias", {d}, weights.transform_norm_bias);
    return;
  }
  if (config.architecture == "BertForSequenceClassification") {
    add("bert.pooler.dense.weight", {d, d}, weights.pooler_weight);
    add("bert.pooler.dense.bias", {d}, weights.pooler_bias);
  }
  add("classifier.weight", {config.num_labels, d}, weights.classifier_weight);
  add("classifier.bias", {config.num_labels}, weights.classifier_bias);
}

Result<at::Tensor> read_parameter(const TensorFile& file, const NamedParameter& wanted) {
  const TensorRef* found = file.find(wanted.name);
  constexpr std::string_view kPrefix = "bert.";
  if (found == nullptr && wanted.name.starts_with(kPrefix)) found = file.find(wanted.name.substr(kPrefix.size()));
  if (found == nullptr) {
    return Error{ErrorCode::kParse, "E-MOD-001",
                 "the weights lack the parameter " + wanted.name + "; the file is incomplete or of another kind of model"};
  }
  if (found->shape != wanted.shape) {
    return Error{ErrorCode::kParse, "E-MOD-002",
                 "parameter " + wanted.name + " has the shape " + shape_text(found->shape) + ", config.json asks for " +
                     shape_text(wanted.shape)};
  }
  if (!is_floating_point(found->dtype)) {
    return Error{ErrorCode::kUnsupported, "E-MOD-003",
                 "parameter " + wanted.name + " is stored as " + std::string(name_of(found->dtype)) +
                     "; quantised checkpoints are not read, take the original and compute with --precision int8"};
  }
  // copied: later readers must not depend on the file staying as it is
  at::Tensor values = at::empty(wanted.shape, at::TensorOptions().dtype(at::kFloat));
  CW_TRY(copy_as_float32(*found, {values.mutable_data_ptr<float>(), static_cast<std::size_t>(values.numel())}));
  return values;
}

Result<> check_config(const ModelConfig& config) {
  if (config.hidden_act != "relu") {
    return Error{ErrorCode::kUnsupported, "E-MOD-004",
                 "the activation is \"" + config.hidden_act + "\", only \"relu\" (all Geneformer models) is computed"};
  }
  if (config.heads < 1 || config.hidden % config.heads != 0) {
    return Error{ErrorCode::kUnsupported, "E-MOD-005",
                 std::to_string(config.hidden) + " hidden units cannot be divided among " +
                     std::to_string(config.heads) + " heads"};
  }
  return {};
}

}  // namespace

std::vector<NamedParameter> named_parameters(ModelWeights& weights, const ModelConfig& config) {
  std::vector<NamedParameter> list;
  list_encoder(weights, config, list);
  list_head(weights, config, list);
  return list;
}

Result<ModelWeights> load_weights(const ModelFolder& folder) {
  const std::string where = folder.path.string();
  if (auto checked = check_config(folder.config); !checked) return checked.error().in(where);
  ModelWeights weights;
  for (const NamedParameter& parameter : named_parameters(weights, folder.config)) {
    auto read = read_parameter(*folder.weights, parameter);
    if (!read) return read.error().in(where);
    *parameter.tensor = std::move(read).value();
  }
  return weights;
}

std::vector<TensorRef> tensor_refs(ModelWeights& weights, const ModelConfig& config) {
  std::vector<TensorRef> refs;
  for (const NamedParameter& parameter : named_parameters(weights, config)) {
    const at::Tensor& tensor = *parameter.tensor;
    CW_ASSERT(tensor.defined() && tensor.is_contiguous() && tensor.scalar_type() == at::kFloat);
    refs.push_back({parameter.name, DType::kFloat32, parameter.shape,
                    {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}});
  }
  return refs;
}

}  // namespace cw
