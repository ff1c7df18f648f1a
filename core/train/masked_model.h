// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/masked_batch.h"
#include "core/train/parameters.h"
#include "core/train/workers.h"

#include <cstdint>

namespace cw {

/// What makes one training pass differ from an evaluation: dropout, drawn from this key.
struct DropoutDraw {
  bool active = false;
  std::uint64_t key = 0;  ///< of (seed, step, batch within the step)
};

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
