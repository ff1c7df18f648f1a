// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/curve_math.h"

#include "ui/theme/numbers.h"

#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kUnitsOfRange = 1000.0;
constexpr double kLargestWeight = 0.999;
constexpr std::size_t kPerColumn = 4;
constexpr double kPerPower = 3.0;  // marks 1, 2 and 5

// The round step of which about `wanted` fit into the range: 1, 2 or 5 times a power of ten.
double round_step(double range, int wanted) {
  const double raw = range / std::max(1, wanted);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (power * factor >= raw * 0.999) return power * factor;
  }
  return power * 10.0;
}

std::vector<AxisTick> logarithmic_ticks(double low, double high, int wanted) {
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  const int every = std::max(1, (last - first) / std::max(1, wanted));  // of the powers
  const bool finer = std::log10(high / low) * kPerPower <= wanted * 1.5;
  std::vector<AxisTick> ticks;
  for (int power = first; power <= last; power += every) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double at = factor * std::pow(10.0, power);
      if (at < low * 0.9999 || at > high * 1.0001) continue;
      if (factor > 1.0 && !finer) continue;
      ticks.push_back({at, number_text(at, 2)});
    }
  }
  return ticks;
}

}  // namespace

std::vector<double> smooth(std::span<const double> x, std::span<const double> y, double strength) {
  std::vector<double> smoothed(y.begin(), y.end());
  const double range = x.empty() ? 0.0 : x.back() - x.front();
  if (strength <= 0.0 || range <= 0.0) return smoothed;
  const double weight = std::min(std::sqrt(strength), kLargestWeight);
  const double log_weight = std::log(weight);
  const double units = std::min(kUnitsOfRange, static_cast<double>(x.size()) - 1.0);
  double sum = 0.0;
  double weights = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double distance = i == 0 ? 0.0 : (x[i] - x[i - 1]) / range * units;
    const double kept = std::exp(log_weight * distance);
    sum = sum * kept + y[i];
    weights = weights * kept + 1.0;
    smoothed[i] = sum / weights;
  }
  return smoothed;
}

std::vector<CurvePoint> thin_out(std::span<const double> x, std::span<const double> y, std::size_t most) {
  std::vector<CurvePoint> points;
  const std::size_t count = std::min(x.size(), y.size());
  if (count <= most) {
    points.reserve(count);
    for (std::size_t i = 0; i < count; ++i) points.push_back({x[i], y[i]});
    return points;
  }
  const std::size_t columns = std::max<std::size_t>(1, most / kPerColumn);
  points.reserve(columns * kPerColumn);
  const double range = x[count - 1] - x[0];
  std::size_t from = 0;
  for (std::size_t column = 0; column < columns && from < count; ++column) {
    const double edge = x[0] + range * static_cast<double>(column + 1) / static_cast<double>(columns);
    std::size_t to = column + 1 == columns ? count : from;
    while (to < count && x[to] < edge) ++to;
    if (to == from) continue;
    const auto [low, high] =
        std::minmax_element(y.begin() + static_cast<std::ptrdiff_t>(from), y.begin() + static_cast<std::ptrdiff_t>(to));
    std::size_t chosen[] = {from, static_cast<std::size_t>(low - y.begin()), static_cast<std::size_t>(high - y.begin()),
                            to - 1};
    std::sort(std::begin(chosen), std::end(chosen));
    const auto* const end = std::unique(std::begin(chosen), std::end(chosen));
    for (const std::size_t* at = chosen; at != end; ++at) points.push_back({x[*at], y[*at]});
    from = to;
  }
  return points;
}

std::vector<AxisTick> axis_ticks(double low, double high, int wanted, bool logarithmic) {
  if (logarithmic) {
    std::vector<AxisTick> ticks = logarithmic_ticks(low, high, wanted);
    if (ticks.size() >= 2) return ticks;  // else the range is narrow, and round numbers tell more
  }
  const double step = round_step(high - low, wanted);
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12);
  std::vector<AxisTick> ticks;
  for (double at = std::ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) {
    const double value = std::abs(at) < step * 1e-9 ? 0.0 : at;
    const bool tiny = decimals > 4 && value != 0.0;
    ticks.push_back({value, tiny            ? number_text(value, 2)
                            : decimals == 0 ? count_text(std::llround(value))
                                            : fixed_text(value, decimals)});
  }
  return ticks;
}

}  // namespace cw::ui
