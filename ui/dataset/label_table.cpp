// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/label_table.h"

#include "core/io/text_records.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace cw::ui {
namespace {

constexpr std::size_t kExamples = 5;
constexpr double kCategories = 0.5;  // text columns with fewer distinct values than this share of rows are categories

using Rows = std::vector<std::vector<std::string>>;

struct TextTable {
  std::vector<std::string> names;  // of columns
  Rows columns;                    // [columns][rows]
  char delimiter = ',';
};

Result<TextTable> read_text_table(const std::filesystem::path& path, JobContext& context) {
  CW_ASSIGN(auto records, TextRecords::open(path));
  std::string_view record;
  CW_ASSIGN(const bool has_header, records.next(record));
  const std::string header(has_header ? record : std::string_view());
  CW_ASSIGN(const bool has_row, records.next(record));
  TextTable table;
  if (has_row) table.delimiter = detect_delimiter(header, record);
  if (!has_row || table.delimiter == 0) {
    return Error{ErrorCode::kParse, "E-UI-211",
                 path.string() +
                     " is no table: it needs a line of column names and lines of values, split by commas or "
                     "tabs"};
  }
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  split_record(header, table.delimiter, fields, unquoted);
  table.names.assign(fields.begin(), fields.end());
  bool more = true;
  std::size_t width = 0;
  while (more) {
    if (context.cancelled()) return cancelled_error("reading labels");
    split_record(record, table.delimiter, fields, unquoted);
    if (width == 0) {
      width = fields.size();
      // R writes no name above the names of rows
      if (table.names.size() + 1 == width) table.names.insert(table.names.begin(), "");
      table.columns.resize(table.names.size());
    }
    if (fields.size() != table.names.size()) {
      return Error{ErrorCode::kParse, "E-UI-211",
                   path.string() + ", line " + std::to_string(records.line()) + ": " + std::to_string(fields.size()) +
                       " values, but the header names " + std::to_string(table.names.size()) + " columns"};
    }
    for (std::size_t i = 0; i < fields.size(); ++i) table.columns[i].emplace_back(fields[i]);
    CW_ASSIGN(more, records.next(record));
  }
  return table;
}

Column column_of(const std::string& name, const std::vector<std::string>& values,
                 const std::vector<std::int64_t>& row_of_cell, char delimiter) {
  const auto text = [&](std::size_t cell) -> const std::string& {
    static const std::string empty;
    return row_of_cell[cell] < 0 ? empty : values[static_cast<std::size_t>(row_of_cell[cell])];
  };
  // numbers with fractions are measurements; whole ones as often clusters, which stay groups
  std::vector<double> numbers(row_of_cell.size(), std::numeric_limits<double>::quiet_NaN());
  bool all_numbers = true;
  bool whole = true;
  for (std::size_t i = 0; i < row_of_cell.size() && all_numbers; ++i) {
    if (text(i).empty()) continue;
    all_numbers = parse_number(text(i), delimiter, numbers[i]);
    whole = whole && (std::isnan(numbers[i]) || numbers[i] == std::floor(numbers[i]));
  }
  if (all_numbers && !whole) return Column::of_reals(name, std::move(numbers));
  std::vector<std::string> texts(row_of_cell.size());
  std::vector<std::uint8_t> missing(row_of_cell.size(), 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i] = text(i);
    missing[i] = texts[i].empty() || texts[i] == "NA" || texts[i] == "nan" ? 1 : 0;
  }
  Column column = Column::of_strings(name, std::move(texts));
  column.missing = std::move(missing);
  Column categories = as_categorical(column);
  if (all_numbers &&
      static_cast<double>(categories.categories.size()) > kCategories * static_cast<double>(row_of_cell.size())) {
    return Column::of_reals(name, std::move(numbers));
  }
  return categories;
}

}  // namespace

Result<LabelJoin> join_labels(const std::filesystem::path& path, const Table& cells, JobContext& context) {
  CW_ASSIGN(const TextTable table, read_text_table(path, context));
  std::unordered_map<std::string_view, std::int64_t> cell_of_name;
  cell_of_name.reserve(cells.index.size());
  for (std::size_t i = 0; i < cells.index.size(); ++i)
    cell_of_name.emplace(cells.index[i], static_cast<std::int64_t>(i));
  std::size_t best = 0;
  std::int64_t most = 0;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const auto matched = std::count_if(table.columns[c].begin(), table.columns[c].end(),
                                       [&](const std::string& name) { return cell_of_name.contains(name); });
    if (matched > most) {
      most = matched;
      best = c;
    }
  }
  if (most == 0) {
    return Error{ErrorCode::kParse, "E-UI-212",
                 path.string() + ": no column holds names of cells of this data set (they look like \"" +
                     (cells.index.empty() ? std::string() : cells.index.front()) + "\", the file has \"" +
                     table.columns.front().front() + "\"); add a column with the cell names"};
  }
  LabelJoin join;
  join.name_column = table.names[best];
  join.num_cells = cells.num_rows();
  join.num_rows = static_cast<std::int64_t>(table.columns[best].size());
  std::vector<std::int64_t> row_of_cell(cells.index.size(), -1);
  for (std::size_t row = 0; row < table.columns[best].size(); ++row) {
    const auto it = cell_of_name.find(table.columns[best][row]);
    if (it == cell_of_name.end()) {
      if (join.unmatched.size() < kExamples) join.unmatched.push_back(table.columns[best][row]);
      continue;
    }
    auto& target = row_of_cell[static_cast<std::size_t>(it->second)];
    if (target >= 0) {
      return Error{ErrorCode::kParse, "E-UI-213",
                   path.string() + ": cell \"" + table.columns[best][row] +
                       "\" has two rows; keep the one that holds and join again"};
    }
    target = static_cast<std::int64_t>(row);
    ++join.num_matched;
  }
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (c == best || table.names[c].empty()) continue;
    if (cells.find(table.names[c])) join.replaced << QString::fromStdString(table.names[c]);
    join.columns.push_back(column_of(table.names[c], table.columns[c], row_of_cell, table.delimiter));
  }
  if (join.columns.empty()) {
    return Error{ErrorCode::kParse, "E-UI-211", path.string() + " holds names of cells, but no labels beside them"};
  }
  return join;
}

}  // namespace cw::ui
