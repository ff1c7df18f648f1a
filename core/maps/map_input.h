// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/map_options.h"
#include "core/base/job_context.h"
#include "core/data/dataset_reader.h"
#include "core/maps/count_matrix.h"
#include "core/maps/matrix_view.h"
#include "core/maps/pca.h"

#include <optional>
#include <string>
#include <vector>

namespace cw {

/// The matrix that a map is made from: rows of cells in the space of neighbours.
struct MapInput {
  std::string source;                 ///< "X_cellwright", ..., or the counts: "X", "raw", ...
  std::optional<Pca> pca;             ///< made here, unless the source is X_pca or none was wanted
  DenseArray embedding;               ///< the source itself, where there is no `pca`
  std::optional<CountMatrix> counts;  ///< where the map is made from counts
  std::int64_t num_genes = 0;         ///< variable genes that the components are made from

  /// Cells in the space of neighbours.
  [[nodiscard]] MatrixView space() const;
  /// Name in obsm of that space: "X_pca", or the source.
  [[nodiscard]] std::string space_name() const { return pca ? "X_pca" : source; }
};

/// Chooses and reads the matrix as MapOptions says, and reduces it. Errors: as run_map.
[[nodiscard]] Result<MapInput> read_map_input(const MapOptions& options, DatasetReader& reader, JobContext& ctx);

}  // namespace cw
