// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset_reader.h"

namespace cw {

Result<Table> read_cells(DatasetReader& reader, const std::vector<std::string>& columns) {
  Table table;
  CW_ASSIGN(table.index, reader.cell_names());
  std::vector<std::string> names = columns;
  if (names.empty()) {
    for (const auto& column : reader.info().cell_columns) names.push_back(column.name);
  }
  for (const auto& name : names) {
    CW_ASSIGN(Column column, reader.cell_column(name));
    table.columns.push_back(std::move(column));
  }
  return table;
}

}  // namespace cw
