// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/search_options.h"
#include "core/base/job_context.h"
#include "core/base/result.h"

namespace cw {

/// Looks for settings with which a fine-tuning does best on its validation part: trials are fine-tuning jobs of their
/// own in `output`/trials, which go on from their checkpoint where they are promoted. The best one is finished in
/// `output`/best, as the fine-tuning itself would have been, and only that one is judged on the test part.
///
/// Repeat   settings and results depend on seed, data and `parallel` only, not on how fast trials are: their results
/// are
///          used in the order in which they were begun.
/// Resume   from checkpoints/search.json; engines that outlived a killed search are followed, trials go on from their
/// checkpoint. Cancel   trials are stopped with a checkpoint first.
///
/// A trial that diverges, or for which memory is too small, has failed; any other error of one ends the search.
/// Errors: those of the jobs; kInvalidArgument E-SRC-003 (other search in the folder), E-SRC-004 (nothing to compare
/// by: no validation part), kRefused E-SRC-005 (no trial came to a result), kCancelled.
[[nodiscard]] Result<Json> run_search(const FinetuneSearchOptions& options, JobContext& ctx);

}  // namespace cw
