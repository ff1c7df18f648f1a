// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/training_process.h"

namespace cw {

struct FinetuneCellsOptions;

/// Fine-tunes a regression of one number per cell, where `target_type` is "number", and judges it on cells it has not
/// seen, beside the mean and ridge regressions. As run_finetune_cells otherwise; the model written gives the user's
/// units: the scale that it was learned in is multiplied into its last layer, and kept in cellwright.json.
/// Errors: also kRefused E-FIN-012 (all training cells have the same number), E-EVA-003.
[[nodiscard]] Result<Json> finetune_numbers(const FinetuneCellsOptions& options, TrainingProcess& process,
                                            JobContext& ctx);

}  // namespace cw
