// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/io/table_writers.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

constexpr std::int64_t kMostRows = 1048576 - 1;  // Excel's limit without the header
constexpr std::size_t kMostColumns = 16384;
constexpr std::size_t kMostCharacters = 32767;  // of one cell
constexpr const char* kReadme = "README";
constexpr double kLargestExactInteger = 9007199254740992.0;

class Workbook {
 public:
  explicit Workbook(const std::string& path) {
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;  // rows go to a temporary file as they come
    book_ = workbook_new_opt(path.c_str(), &options);
  }
  Workbook(const Workbook&) = delete;
  Workbook& operator=(const Workbook&) = delete;
  ~Workbook() {
    if (book_ != nullptr) workbook_close(book_);
  }
  [[nodiscard]] lxw_workbook* get() const noexcept { return book_; }
  lxw_error close() { return workbook_close(std::exchange(book_, nullptr)); }

 private:
  lxw_workbook* book_ = nullptr;
};

// Excel allows 31 characters and none of []:*?/\ in the name of a sheet.
std::string sheet_title(std::string name) {
  std::erase_if(name, [](char c) { return std::string_view("[]:*?/\\'").find(c) != std::string_view::npos; });
  if (name.size() > 31) name.resize(31);
  return name.empty() ? "Sheet1" : name;
}

lxw_error write_cell(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const Column& values, std::int64_t from,
                     lxw_format* text_format) {
  const auto i = static_cast<std::size_t>(from);
  if (values.is_missing(from)) return LXW_NO_ERROR;
  switch (values.kind) {
    case ColumnKind::kReal:
      if (!std::isfinite(values.reals[i])) return LXW_NO_ERROR;
      return worksheet_write_number(sheet, row, column, values.reals[i], nullptr);
    case ColumnKind::kInteger: {
      const auto number = static_cast<double>(values.integers[i]);
      if (std::abs(number) > kLargestExactInteger) break;
      return worksheet_write_number(sheet, row, column, number, nullptr);
    }
    case ColumnKind::kBoolean:
      return worksheet_write_boolean(sheet, row, column, values.booleans[i], nullptr);
    default:
      break;
  }
  std::string text = values.text(from);
  if (text.size() > kMostCharacters) text.resize(kMostCharacters);
  return worksheet_write_string(sheet, row, column, text.c_str(), text_format);
}

Result<> check_size(const std::filesystem::path& path, std::span<const Column> columns, std::int64_t rows) {
  for (const auto& column : columns) {
    if (column.size() == rows) continue;
    return Error{ErrorCode::kShape, "E-CSV-007",
                 "column '" + column.name + "' has " + std::to_string(column.size()) + " values, the others have " +
                     std::to_string(rows)};
  }
  if (rows > kMostRows || columns.size() > kMostColumns) {
    return Error{ErrorCode::kUnsupported, "E-XLSX-001",
                 path.string() + ": " + std::to_string(rows) + " rows and " + std::to_string(columns.size()) +
                     " columns do not fit into an Excel sheet (" + std::to_string(kMostRows) + " rows, " +
                     std::to_string(kMostColumns) + " columns); write CSV"};
  }
  return {};
}

// Wide enough for the header with its filter button, and for short values.
double width_of(const Column& column) {
  return static_cast<double>(std::clamp<std::size_t>(column.name.size() + 4, 10, 40));
}

lxw_error fill_sheet(lxw_workbook* book, lxw_worksheet* sheet, std::span<const Column> columns, std::int64_t rows) {
  lxw_format* bold = workbook_add_format(book);
  format_set_bold(bold);
  lxw_format* text = workbook_add_format(book);
  format_set_num_format(text, "@");  // stays text when a cell is edited, too
  lxw_error status = LXW_NO_ERROR;
  const auto keep = [&](lxw_error next) { status = status == LXW_NO_ERROR ? next : status; };
  worksheet_freeze_panes(sheet, 1, 0);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto column = static_cast<lxw_col_t>(c);
    keep(worksheet_set_column(sheet, column, column, width_of(columns[c]), nullptr));
    keep(worksheet_write_string(sheet, 0, column, columns[c].name.c_str(), bold));
  }
  for (std::int64_t row = 0; row < rows && status == LXW_NO_ERROR; ++row) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      keep(write_cell(sheet, static_cast<lxw_row_t>(row + 1), static_cast<lxw_col_t>(c), columns[c], row, text));
    }
  }
  if (!columns.empty()) {
    keep(worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(rows), static_cast<lxw_col_t>(columns.size() - 1)));
  }
  return status;
}

}  // namespace

Result<> write_xlsx(const std::filesystem::path& path, std::span<const Column> columns, const std::string& sheet_name,
                    bool overwrite, std::span<const Column> readme) {
  const auto rows_of = [](std::span<const Column> of) { return of.empty() ? 0 : of.front().size(); };
  CW_TRY(check_size(path, columns, rows_of(columns)));
  CW_TRY(check_size(path, readme, rows_of(readme)));
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, overwrite));
  Workbook book(output.path().string());
  const auto add_sheet = [&](const std::string& name, std::span<const Column> of) {
    lxw_worksheet* sheet = book.get() == nullptr ? nullptr : workbook_add_worksheet(book.get(), name.c_str());
    if (sheet == nullptr) return LXW_ERROR_CREATING_XLSX_FILE;
    if (name != kReadme) worksheet_activate(sheet);
    return fill_sheet(book.get(), sheet, of, rows_of(of));
  };
  lxw_error status = readme.empty() ? LXW_NO_ERROR : add_sheet(kReadme, readme);
  if (status == LXW_NO_ERROR) status = add_sheet(sheet_title(sheet_name), columns);
  if (book.get() != nullptr) {
    const lxw_error closed = book.close();
    status = status == LXW_NO_ERROR ? closed : status;
  }
  if (status != LXW_NO_ERROR) {
    return Error{ErrorCode::kIo, "E-XLSX-002",
                 path.string() + ": writing the Excel file failed (" + lxw_strerror(status) +
                     "); check the free space and the permissions of the folder"};
  }
  return output.commit();
}

}  // namespace cw
