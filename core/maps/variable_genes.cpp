// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/maps/count_matrix.h"

#include <scran_variances/scran_variances.hpp>
#include <tatami/tatami.hpp>

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

/// Genes whose mean is high enough for the trend to be fitted to them alone, as the library does by default.
std::int64_t num_frequent_genes(const CountMatrix& matrix, double minimum_mean) {
  std::vector<double> sums(static_cast<std::size_t>(matrix.num_genes()), 0.0);
  for (std::size_t at = 0; at < matrix.columns.size(); ++at) sums[matrix.columns[at]] += matrix.logs[at];
  const double enough = minimum_mean * static_cast<double>(matrix.num_cells());
  return std::count_if(sums.begin(), sums.end(), [enough](double sum) { return sum >= enough; });
}

}  // namespace

std::vector<std::uint32_t> variable_genes(const CountMatrix& matrix, int count, int num_threads) {
  if (matrix.num_genes() < 2) {  // no trend to fit
    return matrix.columns.empty() ? std::vector<std::uint32_t>{} : std::vector<std::uint32_t>{0};
  }
  using Values = tatami::ArrayView<float>;
  using Columns = tatami::ArrayView<std::uint32_t>;
  using Offsets = tatami::ArrayView<std::uint64_t>;
  const tatami::CompressedSparseMatrix<double, std::int32_t, Values, Columns, Offsets> view(
      static_cast<std::int32_t>(matrix.num_genes()), static_cast<std::int32_t>(matrix.num_cells()),
      Values(matrix.logs.data(), matrix.logs.size()), Columns(matrix.columns.data(), matrix.columns.size()),
      Offsets(matrix.offsets.data(), matrix.offsets.size()), false);
  scran_variances::ModelGeneVariancesOptions options;
  options.num_threads = effective_threads(num_threads);
  auto& trend = options.fit_variance_trend_options;
  trend.mean_filter = num_frequent_genes(matrix, trend.minimum_mean) > 1;
  const auto model = scran_variances::model_gene_variances(view, options);

  std::vector<std::uint32_t> order(static_cast<std::size_t>(matrix.num_genes()));
  std::iota(order.begin(), order.end(), 0U);
  // genes that no cell has vary as little as possible, whatever the trend says there
  std::erase_if(order, [&](std::uint32_t gene) { return !(model.variances[gene] > 0.0); });
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return model.residuals[a] != model.residuals[b] ? model.residuals[a] > model.residuals[b] : a < b;
  });
  order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace cw
