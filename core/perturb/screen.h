// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/base/job_context.h"
#include "core/perturb/prepared_run.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// Cells of a screen, split once: donors whole, never on both sides (engine-notes 5.5).
struct ScreenSplit {
  std::vector<std::int64_t> screened;  ///< indices of the plan's cells: part A, gradients
  std::vector<std::int64_t> verified;  ///< part B, exact
  bool by_donor = false;
};

/// Seeded halves of about equal size. Without donors, or with one, cells are split.
/// Errors: kRefused E-PRT-020 (fewer than two cells).
[[nodiscard]] Result<ScreenSplit> split_cells(const std::vector<EffectCell>& cells, std::uint64_t seed);

/// Deletes every gene by gradients on one half of the cells, then computes exactly, on the other half, the strongest
/// `screen_top` and a uniform sample of `screen_sample` of the rest (beyond 6; engine-notes 5.5).
///
/// Writes into `folder` the exact rows as effects.h5, and screen.json: per gene its screened effect, in how many cells
/// and whether it was verified; the split and its seed; the rank correlation of screened and exact effects on the
/// sample with its 95 % interval; hits in the sample (exact effect at least as strong as the median of the verified
/// top); the one-sided 95 % Clopper-Pearson bound on missed hits. Correlation below 0.5: W-PRT-010, the screen failed.
/// Errors: as run_exact; kRefused E-PRT-020 (fewer than two cells).
[[nodiscard]] Result<Json> run_screen(const PreparedRun& run, const PerturbOptions& options,
                                      const std::filesystem::path& folder, JobContext& ctx);

}  // namespace cw
