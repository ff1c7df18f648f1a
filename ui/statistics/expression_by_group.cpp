// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/expression_by_group.h"

#include "core/stats/descriptive.h"
#include "core/stats/distributions.h"

#include <cmath>
#include <limits>

namespace cw::ui {

GroupExpression expression_in(std::span<const float> values, const std::vector<std::uint8_t>& mask,
                              const Column* donors) {
  GroupExpression result;
  std::vector<double> cells;
  std::vector<double> sums;
  std::vector<std::int64_t> counts;
  Column categories;
  if (donors) {
    categories = as_categorical(*donors);
    sums.assign(categories.categories.size(), 0.0);
    counts.assign(categories.categories.size(), 0);
  }
  std::int64_t detected = 0;
  for (std::size_t i = 0; i < values.size() && i < mask.size(); ++i) {
    if (!mask[i]) continue;
    cells.push_back(values[i]);
    detected += values[i] > 0.0F ? 1 : 0;
    if (donors && categories.codes[i] >= 0) {
      const auto donor = static_cast<std::size_t>(categories.codes[i]);
      sums[donor] += static_cast<double>(values[i]);
      ++counts[donor];
    }
  }
  result.cells = static_cast<std::int64_t>(cells.size());
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  result.mean = result.low = result.high = result.detected = nothing;
  if (cells.empty()) return result;
  result.detected = static_cast<double>(detected) / static_cast<double>(cells.size());
  std::vector<double> means;
  for (std::size_t donor = 0; donor < sums.size(); ++donor) {
    if (counts[donor] > 0) means.push_back(sums[donor] / static_cast<double>(counts[donor]));
  }
  result.donors = static_cast<std::int64_t>(means.size());
  result.by_donors = means.size() >= 2;
  const std::vector<double>& replicates = result.by_donors ? means : cells;
  result.mean = mean(replicates);
  if (replicates.size() < 2) return result;
  const auto n = static_cast<double>(replicates.size());
  const double half = student_quantile(0.975, n - 1.0) * sample_sd(replicates) / std::sqrt(n);
  result.low = result.mean - half;
  result.high = result.mean + half;
  return result;
}

}  // namespace cw::ui
