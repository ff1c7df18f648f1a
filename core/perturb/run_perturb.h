// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/base/job_context.h"
#include "core/perturb/prepared_run.h"

namespace cw {

/// Perturbs cells in silico and writes `effects.h5` into the run folder (cli 3.4).
///
/// Source   Theodoris et al. 2023, doi:10.1038/s41586-023-06139-9; geneformer-behaviour 6; beyond 1, 2, 4, 7.
/// Repeat   equal for equal options and seed, whatever the batch size and number of threads, stopped or not.
/// Cancel   seen within half a second; what was computed stays, and a second call goes on at the next block.
/// Events   `estimate` (passes, memory_bytes, seconds; again at 20 % of the work), `result` (the ranking so far
///          and whether it is stable), `resumed` (block), `metric` passes_per_second.
/// Errors   those of prepare_run and opening; E-EFF-003 (the folder holds another run), kCancelled, kNoSpace.
/// Returns  summary: passes, cells, perturbations, seconds, the strongest, what applied to no cell, paths.
[[nodiscard]] Result<Json> run_perturb(const PerturbOptions& options, JobContext& ctx);

/// The exact computation of a prepared run into `folder`: the part of run_perturb after preparation.
[[nodiscard]] Result<Json> run_exact(const PreparedRun& run, const PerturbOptions& options,
                                     const std::filesystem::path& folder, JobContext& ctx);

}  // namespace cw
