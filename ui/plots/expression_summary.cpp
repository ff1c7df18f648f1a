// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/expression_summary.h"

#include "core/stats/descriptive.h"

#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kBins = 512;

std::vector<double> density_of(const std::vector<double>& values, double largest) {
  if (values.size() < 3 || !(largest > 0.0)) return {};
  std::vector<double> sorted = values;
  const double spread = quantile_in_place(sorted, 0.75) - quantile_in_place(sorted, 0.25);
  const double sd = sample_sd(values);
  const double scale = spread > 0.0 ? std::min(sd, spread / 1.34) : sd;
  const double width =
      std::max(0.9 * scale * std::pow(static_cast<double>(values.size()), -0.2), largest / kDensityPoints);
  // cells are binned first: the cost does not grow with them
  std::vector<double> bins(kBins + 1, 0.0);
  for (const double value : values) bins[static_cast<std::size_t>(std::lround(value / largest * kBins))] += 1.0;
  std::vector<double> density(kDensityPoints, 0.0);
  for (int i = 0; i < kDensityPoints; ++i) {
    const double at = largest * i / (kDensityPoints - 1);
    for (int b = 0; b <= kBins; ++b) {
      if (bins[static_cast<std::size_t>(b)] == 0.0) continue;
      const double z = (at - largest * b / kBins) / width;
      if (std::abs(z) < 6.0)
        density[static_cast<std::size_t>(i)] += bins[static_cast<std::size_t>(b)] * std::exp(-z * z / 2.0);
    }
  }
  const double top = *std::max_element(density.begin(), density.end());
  for (double& one : density) one /= top;
  return density;
}

}  // namespace

std::vector<ExpressionSummary> summarise(std::span<const float> values, const std::vector<PlotGroup>& groups) {
  double largest = 0.0;
  for (const PlotGroup& group : groups) {
    for (const std::int32_t cell : group.cells) {
      largest = std::max(largest, static_cast<double>(values[static_cast<std::size_t>(cell)]));
    }
  }
  std::vector<ExpressionSummary> summaries;
  for (const PlotGroup& group : groups) {
    std::vector<double> mine;
    mine.reserve(group.cells.size());
    std::int64_t detected = 0;
    for (const std::int32_t cell : group.cells) {
      mine.push_back(static_cast<double>(values[static_cast<std::size_t>(cell)]));
      detected += mine.back() > 0.0 ? 1 : 0;
    }
    ExpressionSummary one;
    if (!mine.empty()) {
      one.mean = mean(mine);
      one.detected = static_cast<double>(detected) / static_cast<double>(mine.size());
      one.largest = *std::max_element(mine.begin(), mine.end());
      one.density = density_of(mine, largest);
      one.quarter = quantile_in_place(mine, 0.25);
      one.median = quantile_in_place(mine, 0.5);
      one.three_quarters = quantile_in_place(mine, 0.75);
    }
    summaries.push_back(std::move(one));
  }
  return summaries;
}

Table ExpressionTable::as_table() const {
  std::vector<std::string> names;
  std::vector<std::string> labels;
  std::vector<std::int64_t> cells;
  std::vector<double> means;
  std::vector<double> shares;
  std::vector<double> medians;
  for (std::size_t gene = 0; gene < genes.size(); ++gene) {
    for (std::size_t group = 0; group < groups.size(); ++group) {
      names.push_back(genes[gene].toStdString());
      labels.push_back(groups[group].label.toStdString());
      cells.push_back(static_cast<std::int64_t>(groups[group].cells.size()));
      means.push_back(at(gene, group).mean);
      shares.push_back(at(gene, group).detected);
      medians.push_back(at(gene, group).median);
    }
  }
  Table table;
  table.index.resize(names.size());
  table.columns.push_back(Column::of_strings(quality ? "measure" : "gene", std::move(names)));
  table.columns.push_back(Column::of_strings("group", std::move(labels)));
  table.columns.push_back(Column::of_integers("cells", std::move(cells)));
  table.columns.push_back(Column::of_reals(quality ? "mean" : "mean_log", std::move(means)));
  if (!quality) table.columns.push_back(Column::of_reals("detected", std::move(shares)));
  table.columns.push_back(Column::of_reals(quality ? "median" : "median_log", std::move(medians)));
  return table;
}

}  // namespace cw::ui
