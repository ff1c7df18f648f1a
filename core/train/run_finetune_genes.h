// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/finetune_options.h"
#include "core/base/job_context.h"

namespace cw {

class Communicator;

/// Fine-tunes a gene classifier (spec 8.7) and judges it on genes it has not seen: stratified folds over genes, every
/// gene held out once. Figures per gene (mean logit over its occurrences) and per occurrence, both with intervals over
/// genes, beside simple models on the gene's mean embedding before fine-tuning.
///
/// Writes   OUT/model (BertForTokenClassification, trained on all genes, unless one fold was asked for),
///          OUT/gene_predictions.csv, comparison.csv, evaluation.json, training.json, OUT/fold-K/checkpoints.
/// Repeat, Cancel   as run_finetune_cells.
/// Errors   those of finetune_setup.h, gene_classes.h, Trainer and core/evaluate; kRefused E-FIN-007 (no cell has one
///          of the genes).
[[nodiscard]] Result<Json> run_finetune_genes(const FinetuneGenesOptions& options, JobContext& ctx);

/// The part of one of several processes in that work. Process 0 alone writes and judges.
[[nodiscard]] Result<Json> finetune_genes_in_group(const FinetuneGenesOptions& options, Communicator& communicator,
                                                   JobContext& ctx);

}  // namespace cw
