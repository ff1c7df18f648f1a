// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/baselines.h"
#include "core/maps/pca.h"

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

/// The training cells as a matrix of their own, so that nothing else can leak into what is fitted.
CountMatrix take_cells(const CountMatrix& counts, std::span<const std::int64_t> cells) {
  CountMatrix taken;
  taken.where = counts.where;
  taken.genes = counts.genes;
  for (const auto cell : cells) {
    const auto begin = static_cast<std::ptrdiff_t>(counts.offsets[static_cast<std::size_t>(cell)]);
    const auto end = static_cast<std::ptrdiff_t>(counts.offsets[static_cast<std::size_t>(cell) + 1]);
    taken.columns.insert(taken.columns.end(), counts.columns.begin() + begin, counts.columns.begin() + end);
    taken.counts.insert(taken.counts.end(), counts.counts.begin() + begin, counts.counts.begin() + end);
    taken.logs.insert(taken.logs.end(), counts.logs.begin() + begin, counts.logs.begin() + end);
    taken.offsets.push_back(taken.columns.size());
    taken.totals.push_back(counts.totals[static_cast<std::size_t>(cell)]);
  }
  return taken;
}

}  // namespace

Result<FeatureMatrix> expression_features(const CountMatrix& counts, std::span<const std::int64_t> train,
                                          const ExpressionOptions& options, JobContext& ctx) {
  const CountMatrix fitted = take_cells(counts, train);
  std::vector<std::uint32_t> genes;
  if (options.num_genes > 0) {
    genes = variable_genes(fitted, options.num_genes, options.num_threads);
  } else {
    genes.resize(static_cast<std::size_t>(counts.num_genes()));
    std::iota(genes.begin(), genes.end(), 0U);
  }
  if (genes.empty()) {
    return Error{ErrorCode::kRefused, "E-EVA-012",
                 "no gene differs between the " + std::to_string(train.size()) +
                     " training cells, so there is nothing that a baseline could use; check the counts"};
  }
  const SparseColumns train_columns = select_columns(fitted.log_view(), genes);
  CW_ASSIGN(const Pca pca, principal_components(train_columns.view(),
                                                {options.num_components, options.seed, options.num_threads}, ctx));
  const SparseColumns all = select_columns(counts.log_view(), genes);
  FeatureMatrix features;
  features.name = "PCA of log counts";
  features.num_rows = counts.num_cells();
  features.num_columns = pca.num_components;
  CW_ASSIGN(features.values, project(pca, all.view(), options.num_threads));
  return features;
}

}  // namespace cw
