// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/encoder_pass.h"
#include "core/train/masked_batch.h"

namespace cw {

/// The forward pass of BertForMaskedLM (spec 3.2, 3.3) on packed cells, differentiable in all `parameters`.
///
/// Shapes   T tokens of all cells, M masked rows; logits are made at the M rows only.
/// Repeat   equal for an equal draw; the number of threads does not matter.
/// Cancel   watched by the workers: ComputationStopped is thrown, also out of the backward pass.
/// Cost     (7 D + F) floats per token and layer are kept for the backward pass.
/// Returns  `scale` times the sum of cross-entropies at the masked rows, a scalar to call `backward` on.
[[nodiscard]] at::Tensor masked_lm_loss(const ModelConfig& config, const Parameters& parameters,
                                        const MaskedBatch& batch, const DropoutDraw& draw, double scale,
                                        const Workers& workers);

}  // namespace cw
