// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/merge_options.h"
#include "core/base/job_context.h"

namespace cw {

/// Writes one h5ad, and CSV if asked for, from the files of `embed --shard`: table, numbers and summaries as one run
/// would have written them. Errors: those of order_of_parts (E-MRG-001 to E-MRG-003), of reading h5ad files, and of
/// write_embedding.
[[nodiscard]] Result<Json> merge_embeddings(const MergeOptions& options, JobContext& ctx);

}  // namespace cw
