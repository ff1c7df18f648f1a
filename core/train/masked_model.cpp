// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/masked_model.h"

#include <ATen/ops/zeros_like.h>

namespace cw {
namespace {

// Transform of the masked-LM head at the masked rows only.
at::Tensor transformed(EncoderPass& pass, const at::Tensor& rows) {
  const at::Tensor t = pass.linear("cls.predictions.transform.dense", rows, true);
  return pass.norm("cls.predictions.transform.LayerNorm", t, at::zeros_like(t), 0.0);
}

}  // namespace

at::Tensor masked_lm_loss(const ModelConfig& config, const Parameters& parameters, const MaskedBatch& batch,
                          const DropoutDraw& draw, double scale, const Workers& workers) {
  EncoderPass pass(config, parameters, batch, draw, workers);
  const at::Tensor rows = pass.last_layer().index_select(0, index_tensor(batch.masked_rows));
  return decoder_cross_entropy(transformed(pass, rows), pass.weight("bert.embeddings.word_embeddings.weight"),
                               pass.weight("cls.predictions.bias"), batch.targets, scale, workers);
}

}  // namespace cw
