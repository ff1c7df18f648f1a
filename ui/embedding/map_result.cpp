// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/map_result.h"

#include "core/tokenize/data_formats.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <unordered_map>

namespace cw::ui {
namespace {

// for each row of the data set the row of the result, -1 where it was left out
std::vector<std::int64_t> matched_rows(const std::vector<std::string>& names, const Dataset& dataset) {
  std::unordered_map<std::string_view, std::deque<std::int64_t>> rows;
  for (std::size_t i = 0; i < names.size(); ++i) rows[names[i]].push_back(static_cast<std::int64_t>(i));
  std::vector<std::int64_t> matched;
  matched.reserve(dataset.cells.index.size());
  for (const std::string& name : dataset.cells.index) {
    const auto it = rows.find(name);
    if (it == rows.end() || it->second.empty()) {
      matched.push_back(-1);
      continue;
    }
    matched.push_back(it->second.front());
    it->second.pop_front();
  }
  return matched;
}

Column clusters_in_order(const Column& labels, const std::vector<std::int64_t>& rows, const std::string& name) {
  const Column categories = as_categorical(labels);
  std::vector<std::int32_t> codes;
  codes.reserve(rows.size());
  for (const std::int64_t row : rows) codes.push_back(row < 0 ? -1 : categories.codes[static_cast<std::size_t>(row)]);
  return Column::of_codes(name, std::move(codes), categories.categories);
}

}  // namespace

Result<MapResult> read_map_result(const std::filesystem::path& file, const Dataset& dataset, const MapLabels& labels) {
  CW_ASSIGN(const auto reader, data_formats().open_dataset(file));
  const auto& maps = reader->info().embeddings;
  if (std::find(maps.begin(), maps.end(), "X_umap") == maps.end()) {
    return Error{ErrorCode::kNotFound, "E-UI-201", file.string() + " holds no map (X_umap); compute the map again"};
  }
  CW_ASSIGN(const std::vector<std::string> names, reader->cell_names());
  CW_ASSIGN(const DenseArray coordinates, reader->embedding("X_umap"));
  const std::vector<std::int64_t> rows = matched_rows(names, dataset);
  MapResult result;
  auto map = std::make_shared<CellMap>();
  map->name = labels.name;
  map->key = labels.key;
  map->dimensions = std::min<std::int64_t>(coordinates.num_columns, 3);
  map->points.reserve(rows.size() * static_cast<std::size_t>(map->dimensions));
  for (const std::int64_t row : rows) {
    for (std::int64_t d = 0; d < map->dimensions; ++d) {
      map->points.push_back(row < 0 ? std::nanf("")
                                    : coordinates.values[static_cast<std::size_t>(row * coordinates.num_columns + d)]);
    }
    result.placed += row >= 0;
  }
  if (result.placed == 0) {
    return Error{ErrorCode::kParse, "E-UI-202",
                 "no cell of " + file.string() + " has the name of a cell of " + dataset.path.string() +
                     "; the map belongs to other data: compute it again"};
  }
  map->note = labels.note;
  if (const auto missing = dataset.num_cells() - result.placed; missing > 0) {
    map->note += QStringLiteral(" · %1 cells left out").arg(missing);
  }
  result.map = std::move(map);
  const auto& columns = reader->info().cell_columns;
  const bool wanted = !labels.clusterColumn.empty();
  if (wanted &&
      std::any_of(columns.begin(), columns.end(), [](const auto& column) { return column.name == "cluster"; })) {
    CW_ASSIGN(const Column clusters, reader->cell_column("cluster"));
    result.clusters = clusters_in_order(clusters, rows, labels.clusterColumn);
  }
  return result;
}

DatasetPtr with_map(const Dataset& dataset, const MapResult& result) {
  DatasetParts parts = dataset;
  std::erase_if(parts.maps, [&result](const CellMapPtr& present) { return present->key == result.map->key; });
  parts.maps.insert(parts.maps.begin(), result.map);
  auto table = dataset.table;
  if (!result.clusters.codes.empty()) {
    auto changed = std::make_shared<Table>(dataset.cells);
    changed->set(result.clusters);
    table = std::move(changed);
  }
  return std::make_shared<const Dataset>(std::move(parts), std::move(table));
}

}  // namespace cw::ui
