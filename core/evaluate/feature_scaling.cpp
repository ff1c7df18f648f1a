// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/feature_scaling.h"

#include <cmath>

namespace cw {

FeatureScaling::FeatureScaling(MatrixView features, std::span<const std::int64_t> train)
    : mean_(static_cast<std::size_t>(features.num_columns), 0.0), factor_(mean_.size(), 0.0) {
  const auto n = static_cast<double>(train.size());
  for (const auto row : train) {
    for (std::size_t j = 0; j < mean_.size(); ++j) mean_[j] += static_cast<double>(features.row(row)[j]) / n;
  }
  for (const auto row : train) {
    for (std::size_t j = 0; j < mean_.size(); ++j) {
      const double off = static_cast<double>(features.row(row)[j]) - mean_[j];
      factor_[j] += off * off / n;
    }
  }
  for (double& factor : factor_) factor = factor > 0.0 ? 1.0 / std::sqrt(factor) : 1.0;
}

std::vector<double> FeatureScaling::apply(MatrixView features, std::span<const std::int64_t> rows) const {
  std::vector<double> scaled;
  scaled.reserve(rows.size() * mean_.size());
  for (const auto row : rows) {
    for (std::size_t j = 0; j < mean_.size(); ++j) {
      scaled.push_back((static_cast<double>(features.row(row)[j]) - mean_[j]) * factor_[j]);
    }
  }
  return scaled;
}

}  // namespace cw
