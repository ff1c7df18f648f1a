// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/model_folder.h"
#include "core/weights/model_layout.h"

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
  at::Tensor pooling_vector;                              ///< attention_pool.attention_weights: [D, 1]
  at::Tensor classifier_weight, classifier_bias;          ///< [labels, D], [labels]
};

/// One parameter of a model: what a checkpoint calls it, and where it is.
struct NamedParameter {
  ParameterSpec spec;
  at::Tensor* tensor = nullptr;  ///< into the ModelWeights it was listed from
};

/// The parameters of the encoder, then with `with_head` those of the head of `config.architecture`, in the order of
/// encoder_parameters and head_parameters. `weights.layers` is brought to `config.layers`.
[[nodiscard]] std::vector<NamedParameter> named_parameters(ModelWeights& weights, const ModelConfig& config,
                                                           bool with_head);

/// Reads a folder that open_model_folder has checked and converts to float32; the head if the folder has it.
/// Errors: kShape (E-MOD-001: the weights are not what was checked).
[[nodiscard]] Result<ModelWeights> load_weights(const ModelFolder& folder);

/// The tensors as write_model_folder takes them. They refer to `weights`, whose tensors must be contiguous float32 and
/// outlive the references.
[[nodiscard]] std::vector<TensorRef> tensor_refs(ModelWeights& weights, const ModelConfig& config, bool with_head);

}  // namespace cw
