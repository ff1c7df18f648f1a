// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/data/dataset_reader.h"
#include "core/tokenize/dictionary.h"

#include <QString>
#include <filesystem>
#include <memory>
#include <span>
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

/// What a data set holds besides the table of its cells.
struct DatasetParts {
  QString id;  ///< of the project's item
  QString name;
  std::filesystem::path path;
  DatasetInfo info;
  std::string counts_where;      ///< the matrix with the counts, "" where there are none
  std::string gene_ids;          ///< where the identifiers are, as TokenizeOptions::gene_ids
  std::string species = "auto";  ///< as TokenizeOptions::species
  std::vector<DatasetGene> genes;
  std::vector<CellMapPtr> maps;
};

/// An open data set as panels share it: never changed once made; a change makes a new one. Copies share the table of
/// cells, so that a new map costs nothing at a million cells. Counts stay in the file.
struct Dataset : DatasetParts {
  Dataset() : Dataset(DatasetParts{}, std::make_shared<const Table>()) {}
  Dataset(DatasetParts parts, std::shared_ptr<const Table> cells_of_it)
      : DatasetParts(std::move(parts)), table(std::move(cells_of_it)), cells(*table) {}

  std::shared_ptr<const Table> table;
  /// Names and columns. Text columns with few values are categorical; at more than 200,000 cells text columns that
  /// differ from cell to cell are left out (`info.cell_columns` names them).
  const Table& cells;

  [[nodiscard]] std::int64_t num_cells() const noexcept { return cells.num_rows(); }
  /// Row in `genes`, -1 where there is none.
  [[nodiscard]] std::int64_t gene_row(std::string_view ensembl_id) const noexcept;
};
using DatasetPtr = std::shared_ptr<const Dataset>;

/// How a file is understood where the user said so; the words are those of TokenizeOptions.
struct LoadOptions {
  std::string counts = "auto";
  std::string gene_ids = "auto";
  std::string species = "auto";
};

/// Reads everything but the counts. Runs in the files lane.
/// Errors: those of the readers and of finding counts and genes; a file without counts still opens (`counts_where` is
/// empty) as long as it has cells.
[[nodiscard]] Result<DatasetPtr> load_dataset(const std::filesystem::path& path, const LoadOptions& options,
                                              JobContext& context);
[[nodiscard]] inline Result<DatasetPtr> load_dataset(const std::filesystem::path& path, JobContext& context) {
  return load_dataset(path, LoadOptions{}, context);
}

/// Counts of one gene in every cell, and what is needed to show them on a comparable scale.
struct GeneValues {
  std::vector<float> counts;      ///< [cells] as stored
  std::vector<float> normalised;  ///< [cells] log1p of counts per 10,000
};

/// Puts counts on a scale: log1p of counts per 10,000 of each cell's total.
[[nodiscard]] GeneValues gene_values(std::vector<float> counts, std::span<const float> totals);

/// Reads one gene's counts by a pass over the file, for the time until its index is ready. Runs in the files lane.
[[nodiscard]] Result<GeneValues> read_gene(const Dataset& dataset, std::int64_t gene_row, JobContext& context);

}  // namespace cw::ui
