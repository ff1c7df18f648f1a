// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/model_weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace cw {

/// Label of a row that a loss leaves out.
inline constexpr std::int64_t kIgnoredLabel = -100;

/// What stands on top of the encoder: masked-LM prediction, cell or gene classes. Float32 rows in, float32 logits out;
/// no dropout (inference). A head that the model lacks must not be asked.
class Heads {
 public:
  Heads() = default;
  Heads(const ModelConfig& config, const ModelWeights& weights);

  [[nodiscard]] bool has_masked_lm() const noexcept { return prediction_bias_.defined(); }
  [[nodiscard]] bool has_cell_classes() const noexcept { return classifier_weight_.defined() && of_cells_; }
  [[nodiscard]] bool has_gene_classes() const noexcept { return classifier_weight_.defined() && !of_cells_; }

  /// [n, V] from n chosen rows [n, D] of the last hidden state: choose the masked positions before, V is large.
  [[nodiscard]] at::Tensor masked_lm_logits(const at::Tensor& rows) const;
  /// [B, classes] from what the pooling of the configuration makes of every cell's last hidden state [B, D]: with
  /// kPoolFirst tanh(dense(.)) of its row 0, then the classifier.
  [[nodiscard]] at::Tensor cell_logits(const at::Tensor& pooled) const;
  /// w of kPoolAttention: [D].
  [[nodiscard]] std::span<const float> pooling_vector() const;
  /// [n, classes] from n rows of the last hidden state.
  [[nodiscard]] at::Tensor gene_logits(const at::Tensor& rows) const;

 private:
  double norm_eps_ = 0.0;
  bool of_cells_ = false;
  at::Tensor decoder_weight_, prediction_bias_;
  at::Tensor transform_weight_, transform_bias_, transform_norm_weight_, transform_norm_bias_;
  at::Tensor pooler_weight_, pooler_bias_, pooling_vector_, classifier_weight_, classifier_bias_;
};

/// Mean cross-entropy of logits [n, classes] over the rows whose label is not kIgnoredLabel; NaN where there is none.
[[nodiscard]] double cross_entropy(const at::Tensor& logits, std::span<const std::int64_t> labels);

}  // namespace cw
