// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/split_options.h"
#include "core/base/job_context.h"

namespace cw {

/// The job `split`: which cells are trained on, chosen by and tested on, as CSV `cell, part[, fold], LABEL[, DONOR]`,
/// with what each part holds and every leak found; with `check`, whether the question can be answered ("outlook").
/// Summary  output, label, group, cells, classes, leaks, associations, flags[, outlook][, balance].
/// Errors   those of split_design, holdout_split, kfold_split, balanced_split, read_split and of the readers; kNotFound
///          (file, column), kCancelled.
[[nodiscard]] Result<Json> run_split(const SplitOptions& options, JobContext& ctx);

}  // namespace cw
