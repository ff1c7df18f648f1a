// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/distributions.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace cw {

double normal_two_sided_p(double z) noexcept { return std::erfc(std::abs(z) / std::numbers::sqrt2); }

double normal_quantile(double p) { return boost::math::quantile(boost::math::normal(), p); }

double student_two_sided_p(double t, double df) {
  if (std::isnan(t) || !(df > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(t)) return 0.0;
  return 2.0 * boost::math::cdf(boost::math::complement(boost::math::students_t(df), std::abs(t)));
}

double student_quantile(double p, double df) { return boost::math::quantile(boost::math::students_t(df), p); }

double chi_squared_upper_p(double statistic, double df) {
  if (std::isnan(statistic) || !(df > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(df), std::max(statistic, 0.0)));
}

}  // namespace cw
