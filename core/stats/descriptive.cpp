// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/descriptive.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNormalMadFactor = 1.4826;  // 1 / Φ⁻¹(3/4), rounded as spec/beyond 4 states it

// Sum of squared deviations, with the second-order term that cancels the rounding of the mean (Chan et al. 1983).
double squared_deviations(std::span<const double> values) noexcept {
  const double center = mean(values);
  double squares = 0.0;
  double rest = 0.0;
  for (const double value : values) {
    const double deviation = value - center;
    squares += deviation * deviation;
    rest += deviation;
  }
  return squares - rest * rest / static_cast<double>(values.size());
}

}  // namespace

double mean(std::span<const double> values) noexcept {
  if (values.empty()) return kNaN;
  // Deviations from the first value keep the digits of data with a large common offset.
  const double origin = values.front();
  double sum = 0.0;
  for (const double value : values) sum += value - origin;
  return origin + sum / static_cast<double>(values.size());
}

double weighted_mean(std::span<const double> values, std::span<const double> weights) noexcept {
  double sum = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * values[i];
    total += weights[i];
  }
  return total == 0.0 ? kNaN : sum / total;
}

double sample_sd(std::span<const double> values) noexcept {
  if (values.size() < 2) return kNaN;
  return std::sqrt(squared_deviations(values) / static_cast<double>(values.size() - 1));
}

double population_sd(std::span<const double> values) noexcept {
  if (values.empty()) return kNaN;
  return std::sqrt(squared_deviations(values) / static_cast<double>(values.size()));
}

double quantile_in_place(std::span<double> values, double q) noexcept {
  if (values.empty()) return kNaN;
  const double position = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(position);
  std::nth_element(values.begin(), values.begin() + below, values.end());
  const double low = values[static_cast<std::size_t>(below)];
  const double fraction = position - static_cast<double>(below);
  if (fraction == 0.0) return low;
  const double high = *std::min_element(values.begin() + below + 1, values.end());
  return low + fraction * (high - low);
}

double median_in_place(std::span<double> values) noexcept { return quantile_in_place(values, 0.5); }

double median(std::vector<double> values) noexcept { return median_in_place(values); }

double mad_sd_in_place(std::span<double> values, double& center) noexcept {
  center = median_in_place(values);
  for (double& value : values) value = std::abs(value - center);
  return kNormalMadFactor * median_in_place(values);
}

}  // namespace cw
