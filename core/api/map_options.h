// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>

namespace cw {

/// How a map of cells is made: principal components, neighbours, coordinates, clusters, figures of mixing (cli 2).
struct MapOptions {
  std::string input;   ///< h5ad with an embedding, or any count file
  std::string output;  ///< h5ad to write: a copy of an h5ad input with the map added

  /// Matrix in obsm to map; "" = X_cellwright, else X_pca, else the counts.
  std::string of;
  /// Where a count file has its counts: "auto", "X", "raw", "layer:NAME".
  std::string counts = "auto";
  /// Most variable genes used of a count file, 1 or more. 2000 as in common practice (scran, Seurat, scanpy).
  int num_genes = 2000;
  /// Principal components that the map is made from; 0 = the matrix itself. 50 as scanpy.
  int num_components = 50;
  /// Neighbours per cell, the cell itself counted, 2 or more; more shows coarser structure. 15 as scanpy.
  int num_neighbors = 15;
  std::string metric = "euclidean";  ///< "euclidean" or "cosine", between cells
  bool umap = true;
  bool tsne = false;
  bool clusters = true;
  /// Points nearer than this count as together on the UMAP, 0 to `spread`. 0.5 as scanpy.
  double min_dist = 0.5;
  int dimensions = 2;        ///< of the UMAP: 2, or 3 to turn it in space. 2 as scanpy
  double spread = 1.0;       ///< scale of the UMAP, > 0. 1 as scanpy
  double perplexity = 30.0;  ///< neighbourhood of t-SNE, 2 or more. 30 as scanpy
  double resolution = 1.0;   ///< larger gives more clusters, > 0. 1 as scanpy
  std::string batch;         ///< column whose mixing is measured; "" = none
  std::string label;         ///< column of cell types whose separation is measured; "" = none
  std::uint64_t seed = 42;
  int num_threads = 0;  ///< 0 = all processors
  bool overwrite = false;

  /// Ranges and words. Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const MapOptions& options);
/// Errors: kInvalidArgument E-ARG-001 (unknown key, wrong type), E-ARG-002.
[[nodiscard]] Result<MapOptions> map_options_from_json(const Json& json);

}  // namespace cw
