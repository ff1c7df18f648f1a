// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/embed/open_inputs.h"
#include "core/perturb/block_runner.h"
#include "core/perturb/run_plan.h"
#include "core/perturb/state_centroids.h"
#include "core/perturb/variant_forward.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace cw {

/// A perturbation run that is settled in every respect but the numbers: what run_perturb, previews and the screen
/// start from. Holds its model and cells, so it may outlive what it was made from.
struct PreparedRun {
  OpenModel model;
  TokenizedCells cells;
  int layer = 0;
  bool cls_mode = false;
  NamedCentroids centroids;  ///< empty without states
  RunPlan plan;
  EffectsHeader header;
  std::vector<std::string> not_applied;  ///< perturbations that are defined in none of the cells
};

/// The cells with the columns of a label file joined by cell name, and in `record` what the file was; the cells as they
/// are for "". Warning: W-LAB-001 (cells without a label). Errors: those of label_table.h.
[[nodiscard]] Result<TokenizedCells> with_labels(const TokenizedCells& cells, const std::string& path, Json& record,
                                                 JobContext& ctx);

/// Looks everything up, in this order: labels (joined by cell name), genes, cells (filter, start state, those with the
/// genes, sample, range), plan, centroids. Cells are visited in a seeded random order balanced over donors;
/// `match_upstream`: in the published order. Warnings: W-PRT-001 (unknown genes), W-PRT-004 (range beyond the cells),
/// W-PRT-005 (perturbations without a cell), W-LAB-001 (cells without a label). Errors: those of gene_requests.h,
/// cell_selection.h, run_plan.h, state_centroids.h, label_table.h; kInvalidArgument E-PRT-004 (range without cells).
[[nodiscard]] Result<PreparedRun> prepare_run(const PerturbOptions& options, const OpenModel& model,
                                              const TokenizedCells& cells, const CentroidSource& centroids,
                                              JobContext& ctx);

/// What is computed of each cell in this run, and how it becomes numbers.
[[nodiscard]] ReadOut read_out_of(const PreparedRun& run, const PerturbOptions& options) noexcept;
[[nodiscard]] ScoreOptions score_options_of(const PreparedRun& run, const PerturbOptions& options) noexcept;

}  // namespace cw
