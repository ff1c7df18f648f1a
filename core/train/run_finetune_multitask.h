// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/finetune_options.h"
#include "core/base/job_context.h"

namespace cw {

class Communicator;

/// Fine-tunes one encoder to several label columns of the cells at once (spec 9) and judges every column on cells it
/// has not seen.
///
/// Writes   per column OUT/COLUMN/model (BertForSequenceClassification: the shared encoder and pooler with the column's
///          classifier), predictions.csv, comparison.csv and evaluation.json; OUT/split.csv, OUT/training.json.
/// Deviations from the published code: pretrained weights are loaded, cells without a label of a column have no loss
///          there, the names are the user's, and what is judged is what is written.
/// Repeat, Cancel, Errors   as run_finetune_cells.
[[nodiscard]] Result<Json> run_finetune_multitask(const FinetuneMultitaskOptions& options, JobContext& ctx);

/// The part of one of several processes in that work. Process 0 alone writes and judges.
[[nodiscard]] Result<Json> finetune_multitask_in_group(const FinetuneMultitaskOptions& options,
                                                       Communicator& communicator, JobContext& ctx);

}  // namespace cw
