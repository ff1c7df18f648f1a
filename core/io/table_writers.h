// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/table.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// Appends `text` to a line of a CSV, in quotes where RFC 4180 wants them.
void append_csv_field(std::string& line, std::string_view text);

/// Writes columns of equal length as CSV: header line, comma, dot decimals, UTF-8, quotes where RFC 4180 wants them,
/// shortest numbers that read back equal, nothing for missing values. Written under a temporary name, then renamed.
/// Errors: kInvalidArgument E-IO-005 (exists), kShape E-CSV-007 (columns of other lengths), kIo, kNoSpace.
Result<> write_csv(const std::filesystem::path& path, std::span<const Column> columns, bool overwrite);

/// The same with the table's index as first column, headed `index_name`. Errors: as above.
Result<> write_csv(const std::filesystem::path& path, const Table& table, bool overwrite);

/// Writes columns as a sheet of an Excel file: bold, frozen header with filters. String and categorical columns
/// are stored as text, so that Excel does not turn gene names such as SEPT2 or MARCH1 into dates; reals that are not
/// finite are left blank. Errors: as `write_csv`, kUnsupported E-XLSX-001 (more than 1,048,575 rows), E-XLSX-002.
/// `readme`: columns of a sheet "README" in front of it, as long as they like, for where the numbers come from; the
/// table is what opens.
Result<> write_xlsx(const std::filesystem::path& path, std::span<const Column> columns, const std::string& sheet_name,
                    bool overwrite, std::span<const Column> readme = {});

}  // namespace cw
