// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/cell_columns.h"

#include "core/tokenize/cell_selection.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace cw {
namespace {

constexpr const char* kTotals = "n_counts";

/// A column of `rows` missing values of the kind of `like`.
Column missing_column(const Column& like, std::size_t rows) {
  Column column;
  column.name = like.name;
  column.kind = like.kind;
  column.categories = like.categories;
  column.ordered = like.ordered;
  switch (like.kind) {
    case ColumnKind::kCategorical:
      column.codes.assign(rows, -1);
      return column;
    case ColumnKind::kReal:
      column.reals.assign(rows, std::numeric_limits<double>::quiet_NaN());
      return column;
    case ColumnKind::kString:
      column.strings.resize(rows);
      break;
    case ColumnKind::kInteger:
      column.integers.resize(rows);
      break;
    case ColumnKind::kBoolean:
      column.booleans.resize(rows);
      break;
  }
  column.missing.assign(rows, 1);
  return column;
}

Column as_text(const Column& column) {
  Column text = missing_column(Column::of_strings(column.name, {}), static_cast<std::size_t>(column.size()));
  for (std::int64_t row = 0; row < column.size(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    text.strings[i] = column.text(row);
    text.missing[i] = column.is_missing(row) ? 1 : 0;
  }
  return text;
}

template <class T>
void extend(std::vector<T>& values, const std::vector<T>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

void append_codes(Column& column, const Column& more) {
  std::unordered_map<std::string, std::int32_t> code_of;
  for (std::size_t i = 0; i < column.categories.size(); ++i) {
    code_of.emplace(column.categories[i], static_cast<std::int32_t>(i));
  }
  if (column.categories != more.categories) column.ordered = false;
  std::vector<std::int32_t> translated;
  for (const auto& category : more.categories) {
    const auto [place, added] = code_of.emplace(category, static_cast<std::int32_t>(column.categories.size()));
    if (added) column.categories.push_back(category);
    translated.push_back(place->second);
  }
  for (const std::int32_t code : more.codes) {
    column.codes.push_back(code < 0 ? -1 : translated[static_cast<std::size_t>(code)]);
  }
}

void append_values(Column& column, const Column& more) {
  if (column.kind != more.kind) {
    column = as_text(column);
    append_values(column, as_text(more));
    return;
  }
  if (column.kind == ColumnKind::kCategorical) {
    append_codes(column, more);
    return;
  }
  const auto before = static_cast<std::size_t>(column.size());
  const auto added = static_cast<std::size_t>(more.size());
  extend(column.strings, more.strings);
  extend(column.integers, more.integers);
  extend(column.reals, more.reals);
  extend(column.booleans, more.booleans);
  if (column.missing.empty() && more.missing.empty()) return;
  column.missing.resize(before, 0);
  if (more.missing.empty()) {
    column.missing.resize(before + added, 0);
  } else {
    extend(column.missing, more.missing);
  }
}

}  // namespace

Result<CellTotals> read_totals(DatasetReader& reader) {
  CellTotals totals;
  const auto& columns = reader.info().cell_columns;
  const auto found =
      std::find_if(columns.begin(), columns.end(), [](const ColumnInfo& column) { return column.name == kTotals; });
  if (found == columns.end()) return totals;
  totals.dtype = found->dtype;
  CW_ASSIGN(const auto column, reader.cell_column(kTotals));
  if (column.kind == ColumnKind::kReal) {
    totals.values = column.reals;
  } else if (column.kind == ColumnKind::kInteger) {
    totals.values.assign(column.integers.begin(), column.integers.end());
  } else {
    return Error{ErrorCode::kRefused, "E-CNT-004",
                 reader.info().path.string() +
                     ": the column n_counts holds texts; it must hold the total counts of each cell, or be left out"};
  }
  return totals;
}

Result<Table> read_kept_columns(DatasetReader& reader, const std::vector<std::string>& keep, bool keep_all,
                                std::span<const std::int64_t> rows) {
  std::vector<std::string> existing;
  for (const auto& column : reader.info().cell_columns) existing.push_back(column.name);
  std::vector<std::pair<std::string, std::string>> wanted;  // name in the file, name to give
  for (const auto& item : keep) {
    const auto equals = item.find('=');
    const auto name = item.substr(0, equals);
    if (std::find(existing.begin(), existing.end(), name) == existing.end()) {
      return no_such_cell_column("--keep", name, existing);
    }
    wanted.emplace_back(name, equals == std::string::npos ? name : item.substr(equals + 1));
  }
  if (keep_all) {
    for (const auto& name : existing) {
      const bool named =
          std::any_of(wanted.begin(), wanted.end(), [&](const auto& pair) { return pair.first == name; });
      if (!named) wanted.emplace_back(name, name);
    }
  }
  Table cells;
  CW_ASSIGN(cells.index, reader.cell_names());
  cells = cells.take(rows);
  for (const auto& [name, new_name] : wanted) {
    CW_ASSIGN(const auto column, reader.cell_column(name));
    auto kept = column.take(rows);
    kept.name = new_name;
    cells.set(std::move(kept));
  }
  return cells;
}

void append_rows(Table& table, const Table& more) {
  if (table.index.empty() && table.columns.empty()) {
    table = more;
    return;
  }
  for (auto& column : table.columns) {
    const auto* other = more.find(column.name);
    append_values(column, other != nullptr ? *other : missing_column(column, more.index.size()));
  }
  for (const auto& column : more.columns) {
    if (table.find(column.name) != nullptr) continue;
    Column added = missing_column(column, table.index.size());
    append_values(added, column);
    table.columns.push_back(std::move(added));
  }
  extend(table.index, more.index);
}

}  // namespace cw
