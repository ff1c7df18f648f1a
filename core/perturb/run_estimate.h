// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/perturb/prepared_run.h"

namespace cw {

/// Bytes that a run needs beside its files: weights, one pack in flight, what the cells of a pack share.
[[nodiscard]] double memory_of_run(const PreparedRun& run, const PerturbOptions& options);

/// What a run would take, before it is asked for: some of its first cells are computed and timed.
/// Returns {passes, cells, perturbations, state_cells, memory_bytes, seconds, seconds_error, not_applied,
/// unknown_genes,
///         pretraining}: `seconds` includes the embedding of the states' cells; `seconds_error` is half of the spread
///         between the timed pieces, at least 15 %; `pretraining` as in the provenance of a run, or null.
/// `run` needs no centroids. Errors: those of the forward pass, kCancelled.
[[nodiscard]] Result<Json> estimate_run(const PreparedRun& run, const PerturbOptions& options, JobContext& ctx);

}  // namespace cw
