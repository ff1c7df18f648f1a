// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cw {

/// Probability that a standard normal value lies at least |z| from 0. NaN for NaN.
[[nodiscard]] double normal_two_sided_p(double z) noexcept;

/// z with Φ(z) = p, p in (0, 1).
[[nodiscard]] double normal_quantile(double p);

/// Probability that Student's t with `df` degrees of freedom lies at least |t| from 0. NaN for NaN or df <= 0.
[[nodiscard]] double student_two_sided_p(double t, double df);

/// t with P(T <= t) = p, p in (0, 1), df > 0.
[[nodiscard]] double student_quantile(double p, double df);

/// Probability that a chi-squared value with `df` degrees of freedom is at least `statistic`. NaN for NaN or df <= 0.
[[nodiscard]] double chi_squared_upper_p(double statistic, double df);

}  // namespace cw
