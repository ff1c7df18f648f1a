// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/baselines.h"
#include "core/evaluate/comparison.h"
#include "core/train/cell_labels.h"

#include <vector>

namespace cw {

/// What simple models see of the cells: the embedding of the model as it was before fine-tuning, and principal
/// components of the counts, fitted to the training part, where a data file with the same cells is at hand (W-FIN-003
/// where it is not the same cells). Errors: those of embed_cells and expression_features, kCancelled.
[[nodiscard]] Result<std::vector<FeatureMatrix>> baseline_features(const FinetuneCellsOptions& options,
                                                                   const FinetuneInputs& inputs, const Split& split,
                                                                   JobContext& ctx);

/// Simple models on the same split: majority class, then logistic regression, linear SVM and random forest on each of
/// baseline_features. Errors: those of run_baselines, kCancelled.
[[nodiscard]] Result<std::vector<ComparedModel>> cell_baselines(const FinetuneCellsOptions& options,
                                                                const FinetuneInputs& inputs,
                                                                const LabelledSplit& labelled, JobContext& ctx);

}  // namespace cw
