// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/splits.h"
#include "core/train/finetune_setup.h"

namespace cw {

/// open_finetune_inputs, without a limit on cells where the published split sets it.
[[nodiscard]] Result<FinetuneInputs> open_cell_inputs(const FinetuneCellsOptions& options, JobContext& ctx);

/// Leaves out cells without a label (W-FIN-001) and classes with at most the share of cells that `rare_threshold` says
/// (W-FIN-002), and takes a seeded sample of the classes with more than `max_cells_per_class`. With
/// `match_upstream` the split takes that sample.
/// Errors: kNotFound (column), kRefused E-FIN-002 (fewer than two classes are left).
Result<> keep_labelled_cells(const FinetuneCellsOptions& options, FinetuneInputs& inputs, JobContext& ctx);

/// The same for a column of numbers: leaves out cells without one (W-FIN-001). Errors: kNotFound, kRefused E-EVA-003.
Result<> keep_numbered_cells(const FinetuneCellsOptions& options, FinetuneInputs& inputs, JobContext& ctx);

/// Classes of the cells and the part that each is in.
struct LabelledSplit {
  SplitDesign design;
  Split split;

  /// Cells of each class in the training part.
  [[nodiscard]] std::vector<std::int64_t> training_counts() const;
};

/// The user's split, or one drawn as the options say, with `match_upstream` published_cell_split; leaks are named as
/// warnings. Errors: those of split_design, holdout_split and read_split; kRefused E-FIN-003 (a class without a
/// training cell). With `target_type` "number" the classes are ranges of it, and may lack training cells.
[[nodiscard]] Result<LabelledSplit> split_labelled_cells(const FinetuneCellsOptions& options,
                                                         const FinetuneInputs& inputs, JobContext& ctx);

/// Writes `folder`/split.csv. Errors: those of write_csv.
Result<> write_split(const LabelledSplit& labelled, const FinetuneInputs& inputs, const std::filesystem::path& folder);

/// Several label columns on one split: the cells with a value in any of them are kept, and stratified by all together.
/// In the split of a column, cells without a value there are unused. Errors: as above, for every column.
[[nodiscard]] Result<std::vector<LabelledSplit>> split_multitask_cells(const FinetuneMultitaskOptions& options,
                                                                       FinetuneInputs& inputs, JobContext& ctx);

}  // namespace cw
