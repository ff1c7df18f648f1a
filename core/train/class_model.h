// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/finetune_options.h"
#include "core/train/encoder_pass.h"

#include <cstdint>
#include <vector>

namespace cw {

/// [cells, D]: the last layer pooled as the configuration says, and dropout: what classifiers of cells see. With
/// kPoolFirst tanh of the pooler at row 0, with kPoolPlainFirst row 0; for both the last layer is computed for row 0 of
/// every cell only.
[[nodiscard]] at::Tensor pooled_cells(EncoderPass& pass, const ModelConfig& config);

/// Logits [cells, C] of BertForSequenceClassification (spec 3.3): the classifier on pooled_cells.
[[nodiscard]] at::Tensor cell_class_logits(EncoderPass& pass, const ModelConfig& config);

/// Logits [rows, C] of BertForTokenClassification (spec 3.3) at the rows asked for: dropout, classifier.
[[nodiscard]] at::Tensor gene_class_logits(EncoderPass& pass, const ModelConfig& config,
                                           const std::vector<std::int64_t>& rows);

/// Sets a linear weight [out, in] to numbers from U(-a, a), a = sqrt(6 / (in + out)): torch's xavier_uniform_. Depends
/// on seed and `place` only.
void fill_xavier_uniform(const at::Tensor& weight, std::uint64_t seed, std::uint64_t place);

/// The parameters of a classifier on an encoder: the first `freeze_layers` encoder layers are frozen, and with them,
/// unless `train_embeddings`, the embeddings below them. The published classifier always trains the embeddings.
/// With `lora_rank` above 0 the whole encoder is frozen, and queries and values of the layers that are not get low-rank
/// changes "X.lora_A.weight" [rank, D] and "X.lora_B.weight" [D, rank], which start at a change of nothing.
[[nodiscard]] std::vector<PlannedParameter> classifier_parameters(const ModelConfig& config,
                                                                  const FinetuneOptions& options);

}  // namespace cw
