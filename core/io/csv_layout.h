// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/io/text_records.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// How a count matrix lies in a text file.
struct CsvLayout {
  char delimiter = ',';
  bool cells_in_rows = true;
  std::string corner;                          ///< heading of the names in the first column, often ""
  std::vector<std::string> row_names;          ///< of every row
  std::vector<std::string> column_names;       ///< of the numeric columns
  std::vector<std::size_t> numeric_fields;     ///< their places in a record
  std::vector<std::string> annotation_names;   ///< of the text columns
  std::vector<std::size_t> annotation_fields;  ///< their places in a record
  std::size_t num_fields = 0;                  ///< of every record but the header
  std::string note;                            ///< what was assumed and why, as a sentence
};

/// Reads the file once: finds delimiter, header, text columns and orientation, and all row names.
/// Errors: kParse E-CSV-001 (no text), E-CSV-002 (no columns), E-CSV-003 (no header), E-CSV-004 (no count matrix),
/// E-CSV-006 (rows of different lengths).
[[nodiscard]] Result<CsvLayout> read_csv_layout(const std::filesystem::path& path);

/// Goes past the header, which was the first record that is no comment. Errors: as TextRecords.
Result<> skip_csv_header(TextRecords& records, std::string_view& header);

}  // namespace cw
