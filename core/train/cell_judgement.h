// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/cell_labels.h"

#include <filesystem>
#include <vector>

namespace cw {

/// Judges a classifier on the test part of `labelled`: predictions.csv, and, with baselines, comparison.csv and
/// evaluation.json in `folder`. `logits` row-major [test cells, classes]. Errors: those of cell_baselines and
/// compare_models. Returns accuracy, macro_f1 and, with baselines, one line per model and the verdict.
[[nodiscard]] Result<Json> judge_cells(const FinetuneCellsOptions& options, const FinetuneInputs& inputs,
                                       const LabelledSplit& labelled, std::vector<double> logits,
                                       const std::filesystem::path& folder, JobContext& ctx);

}  // namespace cw
