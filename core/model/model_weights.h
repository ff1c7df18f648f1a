// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/model_folder.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace cw {

/// Parameters of one encoder layer, named as in a checkpoint. Linear weights are [out, in].
struct LayerWeights {
  at::Tensor query_weight, query_bias;                        ///< attention.self.query: [D, D], [D]
  at::Tensor key_weight, key_bias;                            ///< attention.self.key
  at::Tensor value_weight, value_bias;                        ///< attention.self.value
  at::Tensor attention_output_weight, attention_output_bias;  ///< attention.output.dense: [D, D], [D]
  at::Tensor attention_norm_weight, attention_norm_bias;      ///< attention.output.LayerNorm: [D]
  at::Tensor intermediate_weight, intermediate_bias;          ///< intermediate.dense: [F, D], [F]
  at::Tensor output_weight, output_bias;                      ///< output.dense: [D, F], [D]
  at::Tensor output_norm_weight, output_norm_bias;            ///< output.LayerNorm: [D]
};

/// All parameters of a model as float32 tensors; those of heads that the folder lacks are undefined.
struct ModelWeights {
  at::Tensor word_embeddings;      ///< [V, D]; also the decoder of the masked-LM head (tied)
  at::Tensor position_embeddings;  ///< [M, D]
  at::Tensor type_embeddings;      ///< [types, D]; row 0 is added to every token
  at::Tensor embedding_norm_weight, embedding_norm_bias;
  std::vector<LayerWeights> layers;
  at::Tensor transform_weight, transform_bias;            ///< cls.predictions.transform.dense: [D, D], [D]
  at::Tensor transform_norm_weight, transform_norm_bias;  ///< cls.predictions.transform.LayerNorm: [D]
  at::Tensor prediction_bias;                             ///< cls.predictions.bias: [V]
  at::Tensor pooler_weight, pooler_bias;                  ///< bert.pooler.dense: [D, D], [D]
  at::Tensor classifier_weight, classifier_bias;          ///< [labels, D], [labels]
};

/// One parameter with its name and shape in a checkpoint of `config`.
struct NamedParameter {
  std::string name;
  std::vector<std::int64_t> shape;
  at::Tensor* tensor = nullptr;  ///< into the ModelWeights it was listed from
  bool encoder = true;           ///< part of the encoder; else of a head
};

/// The parameters of `weights` in checkpoint order: encoder, then the heads that `config.architecture` has. `layers` is
/// brought to `config.layers`.
[[nodiscard]] std::vector<NamedParameter> named_parameters(ModelWeights& weights, const ModelConfig& config);

/// Reads and converts to float32. Encoder parameters must all be there; those of a head must be there for the folder's
/// architecture. Names may lack the prefix "bert." (a bare encoder).
/// Errors: kParse (E-MOD-001: parameter missing; E-MOD-002: shape), kUnsupported (E-MOD-003: element type; E-MOD-004:
/// activation other than ReLU; E-MOD-005: sizes that do not fit the heads).
[[nodiscard]] Result<ModelWeights> load_weights(const ModelFolder& folder);

/// The tensors as write_model_folder takes them. They refer to `weights`, which must be contiguous and outlive them.
[[nodiscard]] std::vector<TensorRef> tensor_refs(ModelWeights& weights, const ModelConfig& config);

}  // namespace cw
