// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/data/dataset_reader.h"
#include "core/tokenize/dictionary.h"

#include <QString>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cw::ui {

/// Coordinates of all cells of a data set: an `obsm` array of the file, or a map that a job computed.
struct CellMap {
  QString name;  ///< as the user sees it: "UMAP", "PCA"
  QString key;   ///< "X_umap", or the id of the run that made it
  QString note;  ///< "Geneformer V1-10M, second-to-last layer · UMAP, 15 neighbours, seed 42"
  std::int64_t dimensions = 2;
  std::vector<float> points;  ///< row-major [cells, dimensions]; NaN for cells that the map lacks
};
using CellMapPtr = std::shared_ptr<const CellMap>;

/// A gene of the counts matrix.
struct DatasetGene {
  std::string name;         ///< as written in the file
  std::string ensembl_id;   ///< "" where it is no gene we know
  std::string symbol;       ///< for display; never empty
  std::int32_t token = -1;  ///< of the V1 vocabulary, -1 = not in it
};

/// An open data set as panels share it: never changed once made; a change makes a new one (columns and maps are cheap
/// to copy next to reading a file). Counts stay in the file.
struct Dataset {
  QString id;  ///< of the project's item
  QString name;
  std::filesystem::path path;
  DatasetInfo info;
  std::string counts_where;  ///< the matrix with the counts, "" where there are none
  std::string gene_ids;      ///< where the identifiers are, as TokenizeOptions::gene_ids
  Table cells;               ///< names and all columns
  std::vector<DatasetGene> genes;
  std::vector<CellMapPtr> maps;

  [[nodiscard]] std::int64_t num_cells() const noexcept { return cells.num_rows(); }
  /// Row in `genes`, -1 where there is none.
  [[nodiscard]] std::int64_t gene_row(std::string_view ensembl_id) const noexcept;
};
using DatasetPtr = std::shared_ptr<const Dataset>;

/// Reads everything but the counts. Runs in the files lane.
/// Errors: those of the readers and of finding counts and genes; a file without counts still opens (`counts_where` is
/// empty) as long as it has cells.
[[nodiscard]] Result<DatasetPtr> load_dataset(const std::filesystem::path& path, JobContext& context);

/// Counts of one gene in every cell, and what is needed to show them on a comparable scale.
struct GeneValues {
  std::vector<float> counts;      ///< [cells] as stored
  std::vector<float> normalised;  ///< [cells] log1p of counts per 10,000
};

/// Reads one gene's counts. Runs in the files lane.
[[nodiscard]] Result<GeneValues> read_gene(const Dataset& dataset, std::int64_t gene_row, JobContext& context);

}  // namespace cw::ui
