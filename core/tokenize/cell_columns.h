// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/data/table.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// The column `n_counts` of a file: total counts per cell, as the published tokenizer asks for.
struct CellTotals {
  std::vector<double> values;  ///< empty if there is no such column
  std::string dtype;           ///< as stored
};
/// Errors: kRefused E-CNT-004 (the column holds texts), those of the reader.
[[nodiscard]] Result<CellTotals> read_totals(DatasetReader& reader);

/// Names and the columns asked for of some cells: `keep` as in TokenizeOptions.
/// Errors: kNotFound E-TOK-004 (no such column: lists them), those of the reader.
[[nodiscard]] Result<Table> read_kept_columns(DatasetReader& reader, const std::vector<std::string>& keep,
                                              bool keep_all, std::span<const std::int64_t> rows);

/// Appends the rows of `more`. A column that only one of them has is missing in the other's rows; columns of different
/// kinds become text.
void append_rows(Table& table, const Table& more);

}  // namespace cw
