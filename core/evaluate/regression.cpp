// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/metrics.h"
#include "core/stats/rank_correlation.h"

#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kNumFigures = 5;

double pearson_of(std::span<const double> x, std::span<const double> y) {
  const double mean_x = mean(x);
  const double mean_y = mean(y);
  double xx = 0.0, yy = 0.0, xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return xx > 0.0 && yy > 0.0 ? xy / std::sqrt(xx) / std::sqrt(yy) : kNotDefined;
}

}  // namespace

RegressionScores score_regression(std::span<const double> truth, std::span<const double> predicted,
                                  std::span<const double> weights) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!std::isfinite(truth[i]) || !std::isfinite(predicted[i])) continue;
    // ranks have no weighted form that equals a resample, so rows are repeated
    const std::size_t times = weights.empty() ? 1 : static_cast<std::size_t>(weights[i]);
    x.insert(x.end(), times, truth[i]);
    y.insert(y.end(), times, predicted[i]);
  }
  RegressionScores scores{kNotDefined, kNotDefined, kNotDefined, kNotDefined, kNotDefined};
  if (x.empty()) return scores;
  const auto n = static_cast<double>(x.size());
  const double centre = mean(x);
  double residual = 0.0, total = 0.0, absolute = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    residual += (x[i] - y[i]) * (x[i] - y[i]);
    absolute += std::abs(x[i] - y[i]);
    total += (x[i] - centre) * (x[i] - centre);
  }
  scores.rmse = std::sqrt(residual / n);
  scores.mae = absolute / n;
  if (total > 0.0) scores.r2 = 1.0 - residual / total;
  scores.pearson = pearson_of(x, y);
  scores.spearman = spearman(x, y).value;
  return scores;
}

std::array<double, 5> figures_of(const RegressionScores& scores) {
  return {scores.r2, scores.spearman, scores.pearson, scores.rmse, scores.mae};
}

Result<Estimates> estimate_regression(std::span<const double> truth, std::span<const double> predicted,
                                      const Replicates& replicates, const IntervalOptions& options, JobContext& ctx) {
  const RegressionScores all = score_regression(truth, predicted);
  if (std::isnan(all.rmse)) {
    return Error{ErrorCode::kRefused, "E-EVA-010",
                 "no cell has both a true and a predicted number, so nothing can be scored; check the label column"};
  }
  const WeightedFigures figures = [&](std::span<const double> weights, std::span<double> out) {
    const auto values = figures_of(weights.empty() ? all : score_regression(truth, predicted, weights));
    std::copy(values.begin(), values.end(), out.begin());
  };
  return estimate(static_cast<std::int64_t>(truth.size()), kNumFigures, figures, replicates, options, ctx);
}

}  // namespace cw
