// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/dataset.h"

#include <filesystem>

namespace cw::ui {

/// A computed map, brought into the order of an open data set.
struct MapResult {
  CellMapPtr map;           ///< NaN for cells that were left out
  Column clusters;          ///< name as asked for; missing for cells that were left out
  std::int64_t placed = 0;  ///< cells with coordinates
};

/// What a map is called and how it was made.
struct MapLabels {
  QString name;
  QString key;
  QString note;
  std::string clusterColumn;  ///< "" = the clusters are of no interest
};

/// Reads the file that a map job wrote. Cells are matched by name, in order where names repeat. Runs in the files lane.
/// Errors: those of the reader, kNotFound E-UI-201 (no UMAP in the file), kParse E-UI-202 (no cell in common).
[[nodiscard]] Result<MapResult> read_map_result(const std::filesystem::path& file, const Dataset& dataset,
                                                const MapLabels& labels);

/// The data set with the map in front of its others and the clusters as a column.
[[nodiscard]] DatasetPtr with_map(const Dataset& dataset, const MapResult& result);

}  // namespace cw::ui
