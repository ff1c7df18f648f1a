// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/cell_ranks.h"

#include "core/tokenize/data_formats.h"
#include "core/tokenize/rank_value_encoder.h"

#include <algorithm>
#include <numeric>

namespace cw::ui {

Result<CellRanks> cell_ranks(const Dataset& dataset, const std::string& dictionary_name, std::int64_t cell,
                             std::size_t most) {
  if (dataset.counts_where.empty()) {
    return Error{ErrorCode::kNotFound, "E-UI-303", dataset.path.filename().string() + " holds no counts"};
  }
  CW_ASSIGN(const auto dictionary, Dictionary::load(dictionary_name));
  std::vector<std::int32_t> token_of_gene;
  for (const DatasetGene& gene : dataset.genes)
    token_of_gene.push_back(dictionary->token_of(gene.ensembl_id).value_or(-1));
  const RankValueEncoder encoder(*dictionary, std::move(token_of_gene), RankOptions{});
  CW_ASSIGN(const auto reader, data_formats().open_dataset(dataset.path));
  CW_ASSIGN(const auto matrix, reader->open_matrix(dataset.counts_where));
  CW_TRY(matrix->seek(cell));
  CellBlock block;
  CW_TRY(matrix->next(block, 1));
  if (block.num_cells() == 0) {
    return Error{ErrorCode::kNotFound, "E-UI-303",
                 dataset.path.filename().string() + " has no cell " + std::to_string(cell + 1)};
  }
  const auto values = block.values_of(0);
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  CellRanks ranks;
  if (!(total > 0.0)) return ranks;
  std::vector<std::int32_t> tokens(values.size() + 2);
  RankValueEncoder::Scratch scratch;
  const auto length = encoder.encode(block.genes_of(0), values, total, scratch, tokens.data());
  for (std::uint32_t i = 0; i < length.kept; ++i) {
    if (!dictionary->is_gene(tokens[i])) continue;
    ++ranks.length;
    if (ranks.first.size() < most) {
      ranks.first.push_back({dictionary->ensembl_id(tokens[i]), dictionary->symbol(tokens[i])});
    }
  }
  return ranks;
}

}  // namespace cw::ui
