// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/cell_sample.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

constexpr std::int64_t kRuns = 8;
constexpr std::int64_t kCellsPerRead = 256;
constexpr std::int64_t kFirstCells = 4096;  // of a matrix stored by gene: so many are read without a whole pass

/// Counts the distinct tokens of a cell without clearing anything between cells.
class DistinctTokens {
 public:
  std::int64_t count(const CellBlock& block, std::int64_t row, const std::vector<std::int32_t>& token_of_gene) {
    ++stamp_;
    std::int64_t distinct = 0;
    const auto genes = block.genes_of(row);
    const auto values = block.values_of(row);
    for (std::size_t i = 0; i < genes.size(); ++i) {
      const std::int32_t token = token_of_gene[genes[i]];
      if (token < 0 || !(values[i] > 0.0F)) continue;
      const auto t = static_cast<std::size_t>(token);
      if (t >= seen_.size()) seen_.resize(t + 1, 0);
      if (seen_[t] == stamp_) continue;
      seen_[t] = stamp_;
      ++distinct;
    }
    return distinct;
  }

 private:
  std::vector<std::int64_t> seen_;
  std::int64_t stamp_ = 0;
};

void add_block(const CellBlock& block, std::span<const std::vector<std::int32_t>> tokens,
               std::vector<DistinctTokens>& distinct, CellSample& sample) {
  for (std::size_t i = 0; i < block.genes.size(); ++i) {
    const auto value = static_cast<double>(block.values[i]);
    if (!(value > 0.0) || !std::isfinite(value)) continue;
    sample.gene_counts[block.genes[i]] += value;
    sample.sum += value;
  }
  for (std::int64_t row = 0; row < block.num_cells(); ++row) {
    for (std::size_t v = 0; v < tokens.size(); ++v) {
      sample.num_tokens[v].push_back(distinct[v].count(block, row, tokens[v]));
    }
  }
  sample.num_cells += block.num_cells();
}

}  // namespace

Result<CellSample> sample_cells(DatasetReader& reader, const MatrixInfo& matrix, std::int64_t max_cells,
                                std::span<const std::vector<std::int32_t>> tokens, JobContext& ctx) {
  CellSample sample;
  sample.gene_counts.resize(static_cast<std::size_t>(matrix.num_genes), 0.0);
  sample.num_tokens.resize(tokens.size());
  std::vector<DistinctTokens> distinct(tokens.size());
  const std::int64_t wanted = max_cells == 0 ? matrix.num_cells : std::min(max_cells, matrix.num_cells);
  const bool anywhere = matrix.encoding == "csr" || matrix.encoding == "dense";
  const std::int64_t runs = anywhere && wanted < matrix.num_cells ? kRuns : 1;
  CW_ASSIGN(const auto cells, reader.open_matrix(matrix.where));
  CellBlock block;
  for (std::int64_t run = 0; run < runs; ++run) {
    std::int64_t left = wanted / runs + (run < wanted % runs ? 1 : 0);
    const std::int64_t start = runs == 1 ? 0 : run * (matrix.num_cells - left) / (runs - 1);
    if (start > 0) CW_TRY(cells->seek(start));
    while (left > 0) {
      if (ctx.cancelled()) return cancelled_error("inspecting");
      CW_TRY(cells->next(block, std::min(left, anywhere ? kCellsPerRead : kFirstCells)));
      if (block.num_cells() == 0) break;
      add_block(block, tokens, distinct, sample);
      left -= block.num_cells();
    }
  }
  return sample;
}

}  // namespace cw
