// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/baselines.h"
#include "core/maps/pca.h"
#include "core/tokenize/tokenized_cells.h"

#include <algorithm>

namespace cw {
namespace {

/// Sparse rows of ranks; columns are tokens.
struct Ranks {
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> tokens;
  std::vector<float> values;

  void append(const std::vector<std::int32_t>& cell, bool special) {
    const std::size_t skip = special ? 1 : 0;  // <cls> in front, <eos> behind
    const std::size_t size = cell.size() >= 2 * skip ? cell.size() - 2 * skip : 0;
    for (std::size_t i = 0; i < size; ++i) {
      tokens.push_back(static_cast<std::uint32_t>(cell[i + skip]));
      values.push_back(1.0F - static_cast<float>(i) / static_cast<float>(size));
    }
    offsets.push_back(tokens.size());
  }
  [[nodiscard]] SparseView view(std::int64_t num_tokens) const { return {offsets, tokens, values, num_tokens}; }
};

}  // namespace

Result<FeatureMatrix> rank_features(const TokenizedCells& cells, std::span<const std::int64_t> train,
                                    const ExpressionOptions& options, JobContext& ctx) {
  Ranks all, fitted;
  std::vector<std::int32_t> tokens;
  for (std::int64_t i = 0; i < cells.num_cells(); ++i) {
    cells.copy_tokens(i, tokens);
    all.append(tokens, cells.has_special_tokens());
  }
  for (const auto cell : train) {
    cells.copy_tokens(cell, tokens);
    fitted.append(tokens, cells.has_special_tokens());
  }
  if (fitted.tokens.empty()) {
    return Error{ErrorCode::kRefused, "E-EVA-012",
                 "the " + std::to_string(train.size()) + " training cells hold no gene; check the tokens"};
  }
  const auto num_tokens = static_cast<std::int64_t>(*std::max_element(all.tokens.begin(), all.tokens.end())) + 1;
  CW_ASSIGN(const Pca pca, principal_components(fitted.view(num_tokens),
                                                {options.num_components, options.seed, options.num_threads}, ctx));
  FeatureMatrix features;
  features.name = "PCA of ranks";
  features.num_rows = cells.num_cells();
  features.num_columns = pca.num_components;
  CW_ASSIGN(features.values, project(pca, all.view(num_tokens), options.num_threads));
  return features;
}

}  // namespace cw
