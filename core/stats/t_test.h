// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>

namespace cw {

/// A mean (or difference of means) with its t-interval and two-sided test. Everything but `mean` is NaN where there are
/// too few values. Values without any spread: p is 0 for a mean unlike the hypothesis, else 1; the interval is the
/// mean.
struct TTest {
  double mean;
  double se;  ///< standard error
  double df;
  double t;
  double p;
  double ci_low;
  double ci_high;
};

/// One-sample t-test of mean = `hypothesis`, with a `level` interval of the mean. Needs two values.
[[nodiscard]] TTest one_sample_t_test(std::span<const double> values, double hypothesis = 0.0, double level = 0.95);

/// Welch's t-test of equal means (unequal variances); `mean` and the interval are of mean(a) − mean(b). Needs two
/// values in each.
[[nodiscard]] TTest welch_t_test(std::span<const double> a, std::span<const double> b, double level = 0.95);

}  // namespace cw
