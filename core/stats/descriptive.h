// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>
#include <vector>

namespace cw {

/// An interval of a quantity, in its units; both NaN where it is not defined.
struct Interval {
  double low;
  double high;
};

/// Arithmetic mean; NaN of no values.
[[nodiscard]] double mean(std::span<const double> values) noexcept;

/// Sum of w·x over sum of w; NaN where the weights sum to 0. Sizes must be equal.
[[nodiscard]] double weighted_mean(std::span<const double> values, std::span<const double> weights) noexcept;

/// Sample standard deviation (n − 1), by two passes; NaN for fewer than two values.
[[nodiscard]] double sample_sd(std::span<const double> values) noexcept;

/// Population standard deviation (n), by two passes; NaN of no values.
[[nodiscard]] double population_sd(std::span<const double> values) noexcept;

/// Median, the mean of the two middle values for even sizes; NaN of no values. Reorders `values`.
[[nodiscard]] double median_in_place(std::span<double> values) noexcept;
[[nodiscard]] double median(std::vector<double> values) noexcept;

/// Median absolute deviation from the median, times 1.4826: the standard deviation where values are normal.
/// NaN of no values. Reorders and overwrites `values`. `center` receives the median.
[[nodiscard]] double mad_sd_in_place(std::span<double> values, double& center) noexcept;

/// Quantile q in [0, 1] with linear interpolation (type 7, the default of NumPy and R). Reorders `values`. NaN of no
/// values.
[[nodiscard]] double quantile_in_place(std::span<double> values, double q) noexcept;

}  // namespace cw
