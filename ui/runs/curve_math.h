// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <span>
#include <vector>

namespace cw::ui {

/// A point of a drawn curve.
struct CurvePoint {
  double x = 0.0;
  double y = 0.0;
};

/// Exponential moving average that goes by the distance along x, so that unevenly spaced points count evenly.
///
/// Source   The time-weighted average of training dashboards: with w = min(sqrt(strength), 0.999), each value so far
///          weighs w^(u · distance / range of x); the sum of the weights is divided out, so the start is not pulled to
///          0. u = 1000, or one less than the points where these are fewer: else a short run would not be smoothed.
///          `strength` in [0, 1): 0 = the values as they are.
[[nodiscard]] std::vector<double> smooth(std::span<const double> x, std::span<const double> y, double strength);

/// At most about `most` points that look the same on a screen of `most` / 4 columns: of each column the first, lowest,
/// highest and last. x must rise.
[[nodiscard]] std::vector<CurvePoint> thin_out(std::span<const double> x, std::span<const double> y, std::size_t most);

/// A mark of an axis.
struct AxisTick {
  double at = 0.0;
  QString text;
};

/// Marks at round numbers of [low, high], about `wanted` of them; on a logarithmic axis 1, 2 and 5 of each power of
/// ten. Both values must be finite, low < high, and above 0 for a logarithmic axis.
[[nodiscard]] std::vector<AxisTick> axis_ticks(double low, double high, int wanted, bool logarithmic);

}  // namespace cw::ui
