// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/embedding_summary.h"

#include <algorithm>

namespace cw {

std::vector<float> column_means(std::span<const float> values, std::int64_t width) {
  const auto step = static_cast<std::size_t>(width);
  const std::size_t num_rows = values.size() / step;
  std::vector<double> sums(step, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i % step] += static_cast<double>(values[i]);
  std::vector<float> means;
  for (const double sum : sums) means.push_back(static_cast<float>(sum / static_cast<double>(num_rows)));
  return means;
}

std::vector<float> column_medians(std::span<const float> values, std::int64_t width, bool lower_middle) {
  const auto step = static_cast<std::size_t>(width);
  const std::size_t num_rows = values.size() / step;
  std::vector<float> column(num_rows);
  std::vector<float> medians;
  for (std::size_t k = 0; k < step; ++k) {
    for (std::size_t row = 0; row < num_rows; ++row) column[row] = values[row * step + k];
    std::sort(column.begin(), column.end());
    const float lower = column[(num_rows - 1) / 2];
    const float upper = column[num_rows / 2];
    medians.push_back(
        lower_middle ? lower : static_cast<float>(0.5 * (static_cast<double>(lower) + static_cast<double>(upper))));
  }
  return medians;
}

}  // namespace cw
