// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/csv_layout.h"

#include "core/io/gene_names.h"

#include <algorithm>

namespace cw {
namespace {

constexpr std::size_t kRowsLookedAt = 25;
constexpr std::size_t kFewNames = 10;  // below this, a table without one known gene is taken for something else

std::string name_of_delimiter(char delimiter) {
  switch (delimiter) {
    case '\t':
      return "tabs";
    case ' ':
      return "spaces";
    default:
      return std::string("'") + delimiter + "'";
  }
}

Error no_matrix(const std::string& file, const std::string& why) {
  return {ErrorCode::kParse, "E-CSV-004",
          file + ": " + why +
              "; this is no count matrix. Wanted: one line of names, then one row per cell or gene with its name and "
              "whole numbers"};
}

// The header's fields, brought to the number of fields of the rows.
Result<std::vector<std::string>> read_header(const std::string& file, std::string_view header,
                                             const std::vector<std::string>& rows, char delimiter,
                                             std::size_t num_fields) {
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  split_record(header, delimiter, fields, unquoted);
  std::vector<std::string> names(fields.begin(), fields.end());
  if (names.size() + 1 == num_fields) names.insert(names.begin(), "");  // no corner
  if (names.size() != num_fields) {
    return Error{ErrorCode::kParse, "E-CSV-006",
                 file + ": the header has " + std::to_string(names.size()) + " fields, the first row has " +
                     std::to_string(num_fields) + "; check the delimiter and the quotes"};
  }
  double number = 0;
  const bool all_numbers = std::all_of(names.begin() + 1, names.end(), [&](const std::string& name) {
    return !name.empty() && parse_number(name, delimiter, number);
  });
  if (all_numbers && !rows.empty()) {
    return Error{ErrorCode::kParse, "E-CSV-003",
                 file + ": the first line holds numbers, not names; add a header line with the names of the columns"};
  }
  return names;
}

// Sorts the columns into numbers and texts, by the first rows.
Result<> find_numeric_columns(const std::string& file, const std::vector<std::string>& rows,
                              const std::vector<std::string>& header, CsvLayout& layout) {
  std::vector<bool> numeric(layout.num_fields, true);
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  for (const auto& row : rows) {
    split_record(row, layout.delimiter, fields, unquoted);
    double number = 0;
    for (std::size_t i = 1; i < std::min(fields.size(), layout.num_fields); ++i) {
      if (!parse_number(fields[i], layout.delimiter, number)) numeric[i] = false;
    }
  }
  for (std::size_t i = 1; i < layout.num_fields; ++i) {
    auto& names = numeric[i] ? layout.column_names : layout.annotation_names;
    auto& places = numeric[i] ? layout.numeric_fields : layout.annotation_fields;
    names.push_back(header[i]);
    places.push_back(i);
  }
  if (layout.numeric_fields.size() < 2 || layout.numeric_fields.size() < layout.annotation_fields.size()) {
    const std::string example = layout.annotation_names.empty() ? "" : " (column '" + layout.annotation_names[0] + "')";
    return no_matrix(file, "most of its columns hold text" + example);
  }
  return {};
}

Result<> choose_orientation(const std::string& file, CsvLayout& layout) {
  const NameEvidence rows = name_evidence(layout.row_names);
  const NameEvidence columns = name_evidence(layout.column_names);
  const auto decide = [&](bool cells_in_rows, const std::string& why) {
    layout.cells_in_rows = cells_in_rows;
    layout.note = std::string("cells are in ") + (cells_in_rows ? "rows" : "columns") + ": " + why;
    return Result<>{};
  };
  if (rows.says_genes() != columns.says_genes()) {
    return decide(columns.says_genes(),
                  std::string("the ") + (columns.says_genes() ? "header names" : "first column names") + " genes");
  }
  if (rows.says_genes() && rows.known + rows.ensembl != columns.known + columns.ensembl) {
    return decide(columns.known + columns.ensembl > rows.known + rows.ensembl, "more genes are named there");
  }
  if ((rows.barcodes > 0.5) != (columns.barcodes > 0.5)) {
    return decide(rows.barcodes > 0.5, "their names are barcodes");
  }
  if (layout.row_names.size() < kFewNames || layout.column_names.size() < kFewNames) {
    return no_matrix(file, "neither the first line nor the first column names genes that are known");
  }
  if (std::abs(rows.symbols - columns.symbols) > 0.3) {
    return decide(columns.symbols > rows.symbols, "the other names look like gene symbols");
  }
  return decide(true, "nothing in the names tells, so the usual order was assumed");
}

}  // namespace

Result<> skip_csv_header(TextRecords& records, std::string_view& header) {
  do {
    CW_ASSIGN(const bool more, records.next(header));
    if (!more) header = {};
  } while (header.starts_with('#'));
  return {};
}

Result<CsvLayout> read_csv_layout(const std::filesystem::path& path) {
  const std::string file = path.string();
  CW_ASSIGN(TextRecords records, TextRecords::open(path));
  std::string_view record;
  CW_TRY(skip_csv_header(records, record));
  const std::string header(record);
  CsvLayout layout;
  std::vector<std::string> first_rows;
  for (;;) {
    CW_ASSIGN(const bool more, records.next(record));
    if (!more) break;
    if (first_rows.empty()) layout.delimiter = detect_delimiter(header, record);
    if (layout.delimiter == 0) break;
    if (first_rows.size() < kRowsLookedAt) first_rows.emplace_back(record);
    layout.row_names.push_back(first_field(record, layout.delimiter));
  }
  if (first_rows.empty() || layout.delimiter == 0) {
    return Error{ErrorCode::kParse, "E-CSV-002",
                 file +
                     ": has no table with names and columns (it is empty, has one line or one column only, or header "
                     "and rows differ); wanted is a header line and rows with commas, tabs or semicolons"};
  }
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  split_record(first_rows.front(), layout.delimiter, fields, unquoted);
  layout.num_fields = fields.size();
  CW_ASSIGN(const std::vector<std::string> names,
            read_header(file, header, first_rows, layout.delimiter, layout.num_fields));
  layout.corner = names.front();
  CW_TRY(find_numeric_columns(file, first_rows, names, layout));
  CW_TRY(choose_orientation(file, layout));
  layout.note += " (separated by " + name_of_delimiter(layout.delimiter) + ")";
  return layout;
}

}  // namespace cw
