// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/table.h"

namespace cw {

const Column* Table::find(std::string_view name) const noexcept {
  for (const auto& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

Result<const Column*> Table::require(std::string_view name) const {
  if (const Column* column = find(name)) return column;
  std::string known;
  for (const auto& column : columns) known += (known.empty() ? "" : ", ") + column.name;
  return Error{ErrorCode::kNotFound, "E-DATA-001",
               "there is no column '" + std::string(name) + "'; the columns are: " + (known.empty() ? "none" : known)};
}

Table Table::take(std::span<const std::int64_t> rows) const {
  Table result;
  result.index_name = index_name;
  result.index.reserve(rows.size());
  for (const auto row : rows) result.index.push_back(index[static_cast<std::size_t>(row)]);
  result.columns.reserve(columns.size());
  for (const auto& column : columns) result.columns.push_back(column.take(rows));
  return result;
}

void Table::set(Column column) {
  for (auto& existing : columns) {
    if (existing.name == column.name) {
      existing = std::move(column);
      return;
    }
  }
  columns.push_back(std::move(column));
}

}  // namespace cw
