// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cw {
namespace {

constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace

RankedScores::RankedScores(std::span<const double> scores, std::span<const std::uint8_t> positive)
    : order_(scores.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [&](std::int32_t a, std::int32_t b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
  for (const auto place : order_) {
    const auto row = static_cast<std::size_t>(place);
    positive_.push_back(positive[row]);
    scores_.push_back(scores[row]);
  }
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    last_.push_back(i + 1 == scores_.size() || scores_[i + 1] != scores_[i] ? 1 : 0);
  }
}

double RankedScores::roc_area(std::span<const double> weights) const {
  double positives = 0.0, negatives = 0.0, area = 0.0;
  double tied_positives = 0.0, tied_negatives = 0.0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(order_[i])];
    (positive_[i] != 0 ? tied_positives : tied_negatives) += weight;
    if (last_[i] == 0) continue;
    area += tied_negatives * (positives + 0.5 * tied_positives);  // a trapezoid per threshold
    positives += tied_positives;
    negatives += tied_negatives;
    tied_positives = tied_negatives = 0.0;
  }
  return positives > 0.0 && negatives > 0.0 ? area / positives / negatives : kNotDefined;
}

double RankedScores::average_precision(std::span<const double> weights) const {
  double positives = 0.0, all = 0.0, area = 0.0, tied_positives = 0.0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(order_[i])];
    if (positive_[i] != 0) tied_positives += weight;
    all += weight;
    if (last_[i] == 0 || tied_positives <= 0.0) continue;
    positives += tied_positives;
    area += tied_positives * positives / all;
    tied_positives = 0.0;
  }
  return positives > 0.0 ? area / positives : kNotDefined;
}

Curve RankedScores::roc() const {
  Curve curve;
  const auto positives = static_cast<double>(std::count(positive_.begin(), positive_.end(), std::uint8_t{1}));
  const double negatives = static_cast<double>(positive_.size()) - positives;
  if (positives <= 0.0 || negatives <= 0.0) return curve;
  curve = {{0.0}, {0.0}, {std::numeric_limits<double>::infinity()}};
  double hits = 0.0;
  for (std::size_t i = 0; i < positive_.size(); ++i) {
    hits += positive_[i];
    if (last_[i] == 0) continue;
    curve.x.push_back((static_cast<double>(i + 1) - hits) / negatives);
    curve.y.push_back(hits / positives);
    curve.threshold.push_back(scores_[i]);
  }
  return curve;
}

Curve RankedScores::precision_recall() const {
  Curve curve;
  const auto positives = static_cast<double>(std::count(positive_.begin(), positive_.end(), std::uint8_t{1}));
  if (positives <= 0.0) return curve;
  curve = {{0.0}, {1.0}, {std::numeric_limits<double>::infinity()}};
  double hits = 0.0;
  for (std::size_t i = 0; i < positive_.size(); ++i) {
    hits += positive_[i];
    if (last_[i] == 0) continue;
    curve.x.push_back(hits / positives);
    curve.y.push_back(hits / static_cast<double>(i + 1));
    curve.threshold.push_back(scores_[i]);
  }
  return curve;
}

Curve thinned(const Curve& curve, std::size_t max_points) {
  if (curve.x.size() <= max_points) return curve;
  // A point is kept when the curve has moved a step since the last one, or before and after a jump.
  const double step = 2.0 / static_cast<double>(max_points);
  Curve result;
  const auto keep = [&](std::size_t i) {
    result.x.push_back(curve.x[i]);
    result.y.push_back(curve.y[i]);
    result.threshold.push_back(curve.threshold[i]);
  };
  std::size_t kept = 0;
  keep(0);
  for (std::size_t i = 1; i < curve.x.size(); ++i) {
    const double moved = std::abs(curve.x[i] - curve.x[kept]) + std::abs(curve.y[i] - curve.y[kept]);
    if (moved < step && i + 1 < curve.x.size()) continue;
    if (moved > 2.0 * step && kept + 1 < i) keep(i - 1);
    keep(i);
    kept = i;
  }
  return result;
}

}  // namespace cw
