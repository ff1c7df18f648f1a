// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/cell_selection.h"

#include "core/base/words.h"
#include "core/tokenize/cell_selection.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace cw {
namespace {

Result<> keep_allowed(const std::string& column, const std::vector<std::string>& values,
                      const std::vector<std::string>& allowed, std::vector<std::int64_t>& rows) {
  const std::set<std::string> present(values.begin(), values.end());
  for (const auto& value : allowed) {
    if (present.contains(value)) continue;
    return Error{ErrorCode::kNotFound, "E-EMB-001",
                 "no cell has the value '" + value + "' in column '" + column + "'; it holds: " + listed(present, 20)};
  }
  std::erase_if(rows, [&](std::int64_t row) {
    return std::find(allowed.begin(), allowed.end(), values[static_cast<std::size_t>(row)]) == allowed.end();
  });
  return {};
}

}  // namespace

Result<std::vector<std::string>> column_texts(const TokenizedCells& cells, const std::string& column) {
  CW_ASSIGN(const Column* found, cells.cells().require(column));
  std::vector<std::string> texts(static_cast<std::size_t>(found->size()));
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = found->text(static_cast<std::int64_t>(i));
  return texts;
}

Result<std::vector<std::int64_t>> filter_cells(const TokenizedCells& cells, const CellFilter& filter, JobContext& ctx) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(cells.num_cells()));
  std::iota(rows.begin(), rows.end(), 0);
  for (const auto& [column, allowed] : filter) {
    CW_ASSIGN(const auto values, column_texts(cells, column));
    CW_TRY(keep_allowed(column, values, allowed, rows));
  }
  const std::int64_t shortest = cells.has_special_tokens() ? 3 : 1;
  const auto num_empty = std::erase_if(rows, [&](std::int64_t row) { return cells.length(row) < shortest; });
  if (num_empty > 0) ctx.warn("W-EMB-002", std::to_string(num_empty) + " cells without a gene are left out");
  if (rows.empty()) {
    return Error{ErrorCode::kRefused, "E-EMB-002",
                 "none of the " + std::to_string(cells.num_cells()) +
                     " cells is left; loosen the filter, or check that the file has cells with genes"};
  }
  return rows;
}

std::vector<std::int64_t> sample_cells(const TokenizedCells& cells, const std::vector<std::int64_t>& rows,
                                       std::int64_t max_cells, std::uint64_t seed, bool match_upstream,
                                       JobContext& ctx) {
  constexpr std::uint64_t kPublishedSeed = 42;
  const auto available = static_cast<std::int64_t>(rows.size());
  if (max_cells > 0 && available > max_cells) {
    ctx.warn("W-EMB-001", "a sample of " + std::to_string(max_cells) + " of " + std::to_string(available) +
                              " cells is used, as --max-cells asks");
  }
  return limit_cells(rows, max_cells, match_upstream ? kPublishedSeed : seed,
                     match_upstream ? CellSampling::kUpstream : CellSampling::kOurs,
                     [&](std::int64_t row) { return cells.length(row); });
}

}  // namespace cw
