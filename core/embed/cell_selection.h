// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/tokenize/tokenized_cells.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cw {

using CellFilter = std::map<std::string, std::vector<std::string>>;  ///< column -> allowed values

/// Rows whose columns have one of the allowed values, all columns matching, in input order. Cells without a gene are
/// left out with a warning (W-EMB-002). Errors: kNotFound (no such column; E-EMB-001: no such value, with those there
/// are), kRefused E-EMB-002 (no cell matches all).
[[nodiscard]] Result<std::vector<std::int64_t>> filter_cells(const TokenizedCells& cells, const CellFilter& filter,
                                                             JobContext& ctx);

/// At most `max_cells` (0 = all) of `rows`, with a message (W-EMB-001) where some are left out. Default: a seeded
/// uniform sample, in input order. `match_upstream`: the published choice and order, a permutation with seed 42 only
/// where there are too many, then longest first (geneformer-behaviour 5.3).
[[nodiscard]] std::vector<std::int64_t> sample_cells(const TokenizedCells& cells, const std::vector<std::int64_t>& rows,
                                                     std::int64_t max_cells, std::uint64_t seed, bool match_upstream,
                                                     JobContext& ctx);

/// The column as text, one per row of the table ("" where missing). Errors: kNotFound (names the columns there are).
[[nodiscard]] Result<std::vector<std::string>> column_texts(const TokenizedCells& cells, const std::string& column);

}  // namespace cw
