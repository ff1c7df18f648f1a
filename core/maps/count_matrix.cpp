// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/count_matrix.h"

#include "core/io/counts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cw {
namespace {

constexpr double kTargetTotal = 10'000.0;

/// Appends one cell with its genes in rising order.
void append_cell(std::span<const std::uint32_t> genes, std::span<const float> values,
                 std::vector<std::pair<std::uint32_t, float>>& scratch, CountMatrix& matrix) {
  scratch.clear();
  double total = 0.0;
  for (std::size_t i = 0; i < genes.size(); ++i) {
    scratch.emplace_back(genes[i], values[i]);
    total += static_cast<double>(values[i]);
  }
  std::sort(scratch.begin(), scratch.end());
  for (const auto& [gene, count] : scratch) {
    matrix.columns.push_back(gene);
    matrix.counts.push_back(count);
    matrix.logs.push_back(static_cast<float>(std::log1p(kTargetTotal * static_cast<double>(count) / total)));
  }
  matrix.offsets.push_back(matrix.columns.size());
  matrix.totals.push_back(total);
}

}  // namespace

Result<CountMatrix> read_count_matrix(DatasetReader& reader, std::string_view counts, JobContext& ctx,
                                      const std::vector<bool>& wanted) {
  JobContext search = ctx.slice(0.0, 0.2);
  CW_ASSIGN(const CountsReport report, find_counts(reader, search));
  CountMatrix matrix;
  CW_ASSIGN(matrix.where, choose_counts(reader.info(), report, counts));
  CW_ASSIGN(matrix.genes, reader.genes(matrix.where));
  CW_ASSIGN(const auto blocks, reader.open_matrix(matrix.where));
  JobContext reading = ctx.slice(0.2, 1.0);
  const std::int64_t num_cells = reader.info().num_cells;
  CellBlock block;
  std::vector<std::pair<std::uint32_t, float>> scratch;
  for (;;) {
    if (ctx.cancelled()) return cancelled_error("reading counts");
    reading.report(matrix.num_cells(), num_cells, "Reading counts");
    CW_TRY(blocks->next(block, 1024));
    if (block.num_cells() == 0) break;
    for (std::int64_t i = 0; i < block.num_cells(); ++i) {
      if (wanted.empty() || wanted[static_cast<std::size_t>(matrix.num_cells())]) {
        append_cell(block.genes_of(i), block.values_of(i), scratch, matrix);
      } else {
        append_cell({}, {}, scratch, matrix);
      }
    }
  }
  reading.report(num_cells, num_cells, "Reading counts");
  return matrix;
}

SparseColumns select_columns(const SparseView& rows, std::span<const std::uint32_t> wanted) {
  constexpr std::uint32_t kLeftOut = ~std::uint32_t{0};
  std::vector<std::uint32_t> place(static_cast<std::size_t>(rows.num_columns), kLeftOut);
  for (std::size_t i = 0; i < wanted.size(); ++i) place[wanted[i]] = static_cast<std::uint32_t>(i);
  SparseColumns selected;
  selected.num_columns = static_cast<std::int64_t>(wanted.size());
  for (std::size_t i = 0; i + 1 < rows.offsets.size(); ++i) {
    for (auto at = rows.offsets[i]; at < rows.offsets[i + 1]; ++at) {
      if (place[rows.columns[at]] == kLeftOut) continue;
      selected.columns.push_back(place[rows.columns[at]]);
      selected.values.push_back(rows.values[at]);
    }
    selected.offsets.push_back(selected.columns.size());
  }
  return selected;
}

}  // namespace cw
