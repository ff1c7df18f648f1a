// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/heads.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

namespace cw {

Heads::Heads(const ModelConfig& config, const ModelWeights& weights)
    : norm_eps_(config.layer_norm_eps),
      of_cells_(config.architecture == kCellClassifier),
      decoder_weight_(weights.word_embeddings),
      prediction_bias_(weights.prediction_bias),
      transform_weight_(weights.transform_weight),
      transform_bias_(weights.transform_bias),
      transform_norm_weight_(weights.transform_norm_weight),
      transform_norm_bias_(weights.transform_norm_bias),
      pooler_weight_(weights.pooler_weight),
      pooler_bias_(weights.pooler_bias),
      pooling_vector_(weights.pooling_vector),
      classifier_weight_(weights.classifier_weight),
      classifier_bias_(weights.classifier_bias) {}

at::Tensor Heads::masked_lm_logits(const at::Tensor& rows) const {
  CW_ASSERT(has_masked_lm());
  const at::NoGradGuard no_gradients;
  const at::Tensor dense = at::relu(at::linear(rows, transform_weight_, transform_bias_));
  const at::Tensor normed =
      at::layer_norm(dense, {dense.size(-1)}, transform_norm_weight_, transform_norm_bias_, norm_eps_);
  return at::linear(normed, decoder_weight_, prediction_bias_);
}

at::Tensor Heads::cell_logits(const at::Tensor& pooled) const {
  CW_ASSERT(has_cell_classes());
  const at::NoGradGuard no_gradients;
  if (!pooler_weight_.defined()) return at::linear(pooled, classifier_weight_, classifier_bias_);
  return at::linear(at::tanh(at::linear(pooled, pooler_weight_, pooler_bias_)), classifier_weight_, classifier_bias_);
}

std::span<const float> Heads::pooling_vector() const {
  CW_ASSERT(pooling_vector_.defined());
  return {pooling_vector_.const_data_ptr<float>(), static_cast<std::size_t>(pooling_vector_.numel())};
}

at::Tensor Heads::gene_logits(const at::Tensor& rows) const {
  CW_ASSERT(has_gene_classes());
  const at::NoGradGuard no_gradients;
  return at::linear(rows, classifier_weight_, classifier_bias_);
}

double cross_entropy(const at::Tensor& logits, std::span<const std::int64_t> labels) {
  CW_ASSERT(logits.size(0) == static_cast<std::int64_t>(labels.size()));
  const at::NoGradGuard no_gradients;
  const at::Tensor log_probabilities = at::log_softmax(logits, 1).contiguous();
  const float* values = log_probabilities.const_data_ptr<float>();
  const std::int64_t classes = logits.size(1);
  double sum = 0.0;
  std::int64_t counted = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (labels[row] == kIgnoredLabel) continue;
    CW_ASSERT(labels[row] >= 0 && labels[row] < classes);
    sum -= static_cast<double>(values[static_cast<std::int64_t>(row) * classes + labels[row]]);
    ++counted;
  }
  return sum / static_cast<double>(counted);
}

}  // namespace cw
