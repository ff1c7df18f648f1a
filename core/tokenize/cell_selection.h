// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/data/table.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// One rule "COLUMN=V[,V..]": cells whose value is one of the values.
struct CellRule {
  std::string column;
  std::string values;  ///< as typed; a value of the column that contains commas may be typed whole
};

/// Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<std::vector<CellRule>> parse_cell_rules(const std::vector<std::string>& rules);

/// 1 for the cells of `column` with one of the values of `rule`. Errors: kNotFound E-TOK-005 (a value that no cell has:
/// lists those there are).
[[nodiscard]] Result<std::vector<std::uint8_t>> matching_cells(const Column& column, const CellRule& rule);

/// Rows of `table` that all rules keep, in order. Errors: kNotFound E-TOK-004 (no such column: lists them), E-TOK-005,
/// kRefused E-TOK-006 (no cell is left).
[[nodiscard]] Result<std::vector<std::int64_t>> select_cells(const Table& table, const std::vector<std::string>& rules);

/// The same for an open data file, reading only the columns named; and, with `cell_filter`, only cells whose column
/// `filter_pass` is 1, where there is one. 1 = keep. Errors: as above, and those of the reader.
[[nodiscard]] Result<std::vector<std::uint8_t>> select_cells(DatasetReader& reader,
                                                             const std::vector<std::string>& rules, bool cell_filter);

/// How `limit_cells` chooses.
enum class CellSampling {
  kOurs,      ///< a seeded random subset in the order of the file
  kUpstream,  ///< the published order: numpy PCG64 shuffle, first `max_cells`, then longest first (behaviour spec 5.3)
};

/// At most `max_cells` (0 = all) of `rows`. `length_of(row)` is the number of tokens of a cell; used by kUpstream only.
[[nodiscard]] std::vector<std::int64_t> limit_cells(std::span<const std::int64_t> rows, std::int64_t max_cells,
                                                    std::uint64_t seed, CellSampling sampling,
                                                    const std::function<std::int64_t(std::int64_t)>& length_of);

/// Error for a column that is not there: names those that are. Code kNotFound, id E-TOK-004.
[[nodiscard]] Error no_such_cell_column(std::string_view option, std::string_view column,
                                        const std::vector<std::string>& columns);

}  // namespace cw
