// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/finetune_options.h"
#include "core/base/job_context.h"

namespace cw {

class Communicator;

/// Fine-tunes a cell classifier (spec 8) and judges it on cells it has not seen, beside simple models.
///
/// Writes   OUT/model (BertForSequenceClassification with id2label), OUT/split.csv, OUT/predictions.csv (test part),
///          OUT/comparison.csv and evaluation.json, OUT/training.json, OUT/checkpoints.
/// Repeat   equal weights for equal options, model and cells: whatever the number of threads, stopped or not.
/// Cancel   as Trainer; go on with `resume`.
/// Errors   those of finetune_setup.h, cell_labels.h, Trainer and core/evaluate.
[[nodiscard]] Result<Json> run_finetune_cells(const FinetuneCellsOptions& options, JobContext& ctx);

/// The part of one of several processes in that work. Process 0 alone writes and judges.
[[nodiscard]] Result<Json> finetune_cells_in_group(const FinetuneCellsOptions& options, Communicator& communicator,
                                                   JobContext& ctx);

}  // namespace cw
