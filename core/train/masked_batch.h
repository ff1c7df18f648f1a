// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/encoder_pass.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Cells for one forward pass, one after the other, some tokens hidden: what the model sees and what it must say.
struct MaskedBatch : TokenRows {
  std::vector<std::int64_t> masked_rows;  ///< [M] rows to predict, ascending
  std::vector<std::int64_t> targets;      ///< [M] the original tokens there
};

/// How tokens are hidden (spec 4.1).
struct MaskingRule {
  double probability = 0.15;
  std::int64_t vocab_size = 0;
  std::int64_t pad_token = 0;
  std::int64_t mask_token = 1;
  std::vector<std::int32_t> special;  ///< <cls> and <eos>: never left out,
  bool mask_special = false;          ///< and not chosen to be predicted, unless upstream's way is wanted
  double leave_out = 0.0;             ///< PretrainOptions::leave_out
};

/// Appends a cell as it is seen the `visit`th time. Of the tokens chosen with `probability`, 80 % become <mask>, 10 % a
/// random id, 10 % stay. A short cell may get no masked token, and a batch of such cells no loss.
/// The draw depends on (seed, visit, cell) only, not on the batch the cell is in.
void append_masked(std::span<const std::int32_t> cell_tokens, std::uint64_t cell, std::uint64_t visit,
                   std::uint64_t seed, const MaskingRule& rule, MaskedBatch& batch);

}  // namespace cw
