// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/t_test.h"

#include "core/stats/descriptive.h"
#include "core/stats/distributions.h"

#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TTest from_standard_error(double mean, double hypothesis, double se, double df, double level) {
  if (std::isnan(se)) return {mean, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  const double distance = mean - hypothesis;
  if (se == 0.0) {
    const bool equal = distance == 0.0;
    return {mean, 0.0, df, equal ? 0.0 : std::copysign(HUGE_VAL, distance), equal ? 1.0 : 0.0, mean, mean};
  }
  const double t = distance / se;
  const double half = student_quantile(0.5 + 0.5 * level, df) * se;
  return {mean, se, df, t, student_two_sided_p(t, df), mean - half, mean + half};
}

}  // namespace

TTest one_sample_t_test(std::span<const double> values, double hypothesis, double level) {
  const auto n = static_cast<double>(values.size());
  return from_standard_error(mean(values), hypothesis, sample_sd(values) / std::sqrt(n), n - 1.0, level);
}

TTest welch_t_test(std::span<const double> a, std::span<const double> b, double level) {
  const auto na = static_cast<double>(a.size());
  const auto nb = static_cast<double>(b.size());
  const double sa = sample_sd(a);
  const double sb = sample_sd(b);
  const double va = sa * sa / na;
  const double vb = sb * sb / nb;
  const double df = (va + vb) * (va + vb) / (va * va / (na - 1.0) + vb * vb / (nb - 1.0));
  return from_standard_error(mean(a) - mean(b), 0.0, std::sqrt(va + vb), df, level);
}

}  // namespace cw
