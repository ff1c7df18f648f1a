// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/gene_embeddings.h"

namespace cw {

void GeneEmbeddings::add(const CellStates& cell) {
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t i = 0; i < cell.tokens.size(); ++i) {
    Sum& sum = sums_[cell.tokens[i]];
    if (sum.values.empty()) sum.values.assign(width, 0.0);
    const float* row = cell.rows + i * width;
    for (std::size_t k = 0; k < width; ++k) sum.values[k] += static_cast<double>(row[k]);
    ++sum.num_cells;
  }
}

std::vector<std::int32_t> GeneEmbeddings::tokens() const {
  std::vector<std::int32_t> list;
  for (const auto& [token, sum] : sums_) list.push_back(token);
  return list;
}

std::vector<float> GeneEmbeddings::means() const {
  std::vector<float> values;
  values.reserve(sums_.size() * static_cast<std::size_t>(width_));
  for (const auto& [token, sum] : sums_) {
    for (const double value : sum.values)
      values.push_back(static_cast<float>(value / static_cast<double>(sum.num_cells)));
  }
  return values;
}

std::vector<std::int64_t> GeneEmbeddings::num_cells() const {
  std::vector<std::int64_t> counts;
  for (const auto& [token, sum] : sums_) counts.push_back(sum.num_cells);
  return counts;
}

}  // namespace cw
