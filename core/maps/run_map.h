// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/map_options.h"
#include "core/base/job_context.h"

namespace cw {

/// The job `map`: principal components, neighbours, UMAP, t-SNE, clusters and figures of mixing of the cells of a file.
///
/// Writes    a copy of an h5ad input (or a new h5ad with the counts of another kind of file) with obsm X_pca, X_umap,
///           X_tsne, obs cluster, obsp distances and connectivities, and the uns entries pca, neighbors, umap, tsne,
///           leiden as scanpy writes them, so that scanpy plots and goes on. uns/cellwright_map holds the provenance.
/// Returns   what was mapped, sizes of the clusters, silhouette and mixing figures, paths.
/// Errors    kNotFound E-MAP-007 (no such matrix in obsm), E-MAP-001 to E-MAP-006, E-MAP-008 (no variable gene), those
///           of the reader, of choose_counts and of the writer, kCancelled.
Result<Json> run_map(const MapOptions& options, JobContext& ctx);

}  // namespace cw
