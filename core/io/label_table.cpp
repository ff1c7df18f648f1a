// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/label_table.h"

#include "core/io/text_records.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace cw {
namespace {

/// Collects the values of one column as codes.
class CategoricalBuilder {
 public:
  explicit CategoricalBuilder(std::string name) : name_(std::move(name)) {}
  void append(std::string_view value) {
    if (value.empty()) return codes_.push_back(-1);
    const auto [found, is_new] = code_of_.emplace(std::string(value), static_cast<std::int32_t>(categories_.size()));
    if (is_new) categories_.emplace_back(value);
    codes_.push_back(found->second);
  }
  [[nodiscard]] Column take() { return Column::of_codes(name_, std::move(codes_), std::move(categories_)); }

 private:
  std::string name_;
  std::vector<std::int32_t> codes_;
  std::vector<std::string> categories_;
  std::unordered_map<std::string, std::int32_t> code_of_;
};

Column spread(const Column& labels, const std::vector<std::int64_t>& label_of_cell) {
  std::vector<std::int32_t> codes;
  codes.reserve(label_of_cell.size());
  for (const std::int64_t row : label_of_cell)
    codes.push_back(row < 0 ? -1 : labels.codes[static_cast<std::size_t>(row)]);
  return Column::of_codes(labels.name, std::move(codes), labels.categories);
}

}  // namespace

Result<Table> read_label_table(const std::filesystem::path& path) {
  CW_ASSIGN(TextRecords records, TextRecords::open(path));
  std::string_view record;
  CW_ASSIGN(const bool has_header, records.next(record));
  const std::string header = has_header ? std::string(record) : std::string();
  CW_ASSIGN(bool more, records.next(record));
  const char delimiter = more ? detect_delimiter(header, record) : 0;
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  if (delimiter != 0) split_record(header, delimiter, fields, unquoted);
  if (fields.size() < 2) {
    return Error{ErrorCode::kParse, "E-LAB-001",
                 path.string() +
                     ": labels are a table with a header, cell names in the first column and a label in each further "
                     "one; there is no second column"};
  }
  Table table;
  table.index_name = fields.front();
  std::vector<CategoricalBuilder> columns;
  for (std::size_t i = 1; i < fields.size(); ++i) columns.emplace_back(std::string(fields[i]));
  std::unordered_map<std::string, std::int64_t> line_of;
  while (more) {
    split_record(record, delimiter, fields, unquoted);
    if (fields.size() != columns.size() + 1) {
      return Error{ErrorCode::kParse, "E-LAB-002",
                   path.string() + ": line " + std::to_string(records.line()) + " has " +
                       std::to_string(fields.size()) + " fields, the header has " + std::to_string(columns.size() + 1)};
    }
    table.index.emplace_back(fields.front());
    if (const auto [found, is_new] = line_of.emplace(table.index.back(), records.line()); !is_new) {
      return Error{ErrorCode::kParse, "E-LAB-003",
                   path.string() + ": the cell '" + table.index.back() + "' is named in line " +
                       std::to_string(found->second) + " and again in line " + std::to_string(records.line()) +
                       "; keep one"};
    }
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].append(fields[i + 1]);
    CW_ASSIGN(more, records.next(record));
  }
  for (CategoricalBuilder& column : columns) table.columns.push_back(column.take());
  return table;
}

Result<LabelMatch> join_labels(Table& cells, const Table& labels) {
  std::unordered_map<std::string_view, std::int64_t> row_of;
  for (std::size_t i = 0; i < labels.index.size(); ++i) row_of.emplace(labels.index[i], static_cast<std::int64_t>(i));
  std::vector<std::uint8_t> used(labels.index.size(), 0);
  std::vector<std::int64_t> label_of_cell;
  label_of_cell.reserve(cells.index.size());
  LabelMatch match;
  for (const std::string& name : cells.index) {
    const auto found = row_of.find(name);
    label_of_cell.push_back(found == row_of.end() ? -1 : found->second);
    if (found == row_of.end()) continue;
    std::uint8_t& seen = used[static_cast<std::size_t>(found->second)];
    if (seen != 0) {
      return Error{
          ErrorCode::kRefused, "E-LAB-005",
          "several cells are called '" + name + "', so labels cannot be joined by name; make the names unique"};
    }
    seen = 1;
    ++match.matched;
  }
  match.without_label = cells.num_rows() - match.matched;
  match.unknown_names = labels.num_rows() - match.matched;
  if (match.matched == 0) {
    return Error{ErrorCode::kNotFound, "E-LAB-004",
                 "none of the " + std::to_string(labels.num_rows()) +
                     " names in the labels is a cell of the data; the first is '" +
                     (labels.index.empty() ? std::string() : labels.index.front()) + "', the first cell '" +
                     (cells.index.empty() ? std::string() : cells.index.front()) + "'"};
  }
  for (const Column& column : labels.columns) cells.set(spread(column, label_of_cell));
  return match;
}

}  // namespace cw
