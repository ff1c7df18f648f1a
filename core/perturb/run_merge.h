// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/merge_options.h"
#include "core/base/job_context.h"

namespace cw {

/// Puts the parts of a run together, of `perturb` or of `embed`, as the first of them says; the result is that of the
/// whole run. Errors: those of merge_effects and merge_embeddings.
[[nodiscard]] Result<Json> run_merge(const MergeOptions& options, JobContext& ctx);

}  // namespace cw
