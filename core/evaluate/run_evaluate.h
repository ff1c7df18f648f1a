// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/evaluate_options.h"
#include "core/base/job_context.h"

namespace cw {

/// The job `evaluate`: a folder with metrics.json, per_class.csv, confusion.csv, roc.csv, pr.csv, calibration.csv and
/// report.md; with `against` comparison.csv and comparison.json; with `genes` the tables are per gene, and metrics.json
/// has the figures per occurrence too; with `regression` metrics.json and report.md alone. Summary  output, n_rows,
/// n_donors, metrics, flags, text[, verdict]. Errors   those of read_predictions, score_model and compare_models,
/// kInvalidArgument E-IO-005, kCancelled.
[[nodiscard]] Result<Json> run_evaluate(const EvaluateOptions& options, JobContext& ctx);

}  // namespace cw
