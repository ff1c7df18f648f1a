// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/embed_options.h"
#include "core/base/job_context.h"

namespace cw {

/// Embeds cells or genes and writes an h5ad (rows in input order, obs kept, obsm/X_cellwright, uns/cellwright) and, if
/// asked, a CSV in the published layout.
///
/// Source   geneformer-behaviour 5; cli 3.3. Deviations: rows in input order with names, all cells by default, exact
///          summaries, real columns for single occurrences; `match_upstream` takes the published selection and order.
/// Errors   those of opening (open_inputs.h) and selecting (cell_selection.h), E-ARG-002, kCancelled, kNoSpace.
/// Returns  summary: cells, genes, tokens, mode, layer, paths.
[[nodiscard]] Result<Json> run_embed(const EmbedOptions& options, JobContext& ctx);

}  // namespace cw
