// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/stats_options.h"
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/ranking/cellwright_table.h"

#include <string>

namespace cw {

struct RankedRun {
  Ranking ranking;
  std::string test;  ///< that was made
  Json details;      ///< baseline (computed, reason), summary, line, text: as in the provenance of `run_stats`
};

/// The ranked list of a run in memory, exactly as `run_stats` would write it with the same options and the default
/// columns. The run may be unfinished. Errors and warnings: as below.
[[nodiscard]] Result<RankedRun> rank_run(const Effects& run, const StatsOptions& options, JobContext& context);

/// Statistics of perturbation runs, from files to files: `output` (CSV), `output`.provenance.json, and the Excel file.
///
/// Returns  output paths, rows, columns, the test that was made; for a ranked list its summary (to_json of
///          RankingSummary), `line` (summary_line) and `text` (describe_ranking).
/// Errors   kInvalidArgument E-RNK-001 (the run does not hold what is asked), E-IO-005 (output exists); kRefused
///          E-RNK-002 (runs that do not fit each other); those of `read_effects`; kCancelled. Nothing is written then.
/// Warnings W-RNK-001 (no baseline, and why), W-RNK-002, W-RNK-003 (merge_runs), W-RNK-004 (no null, no p-values),
///          W-RNK-005 (cells are the replicates).
/// Repeat   equal for equal seed, whatever the number of threads.
[[nodiscard]] Result<Json> run_stats(const StatsOptions& options, JobContext& context);

}  // namespace cw
