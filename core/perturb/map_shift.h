// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/perturb/original_cache.h"
#include "core/perturb/prepared_run.h"

namespace cw {

/// Where changed cells come to lie among cells as they are: for arrows in a map that stays as it is.
///
/// Reference  a seeded sample of at most 300 of all cells. A list of genes is placed by its 15 nearest reference cells
///            (cosine of the embeddings in the layer that is read, weights falling from the nearest to the mean
///            distance of the 15); a cell is never its own neighbour. Places before the change are found in the same
///            way, so that what neighbours distort, they distort twice.
/// Returns    {cells, reference, neighbours, seconds, perturbations: [{kind, genes, ensembl_ids, n_cells,
///            from: {name: weight}, to: {name: weight}}]}: names of reference cells; the weights of each add up to 1.
/// `run` needs no centroids. Stops after `options.preview_seconds` (0 = never) with the cells it saw.
/// Errors: those of the forward pass, kCancelled.
[[nodiscard]] Result<Json> place_changes(const PreparedRun& run, const PerturbOptions& options,
                                         OriginalCache& originals, JobContext& ctx);

}  // namespace cw
