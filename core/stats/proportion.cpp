// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/proportion.h"

#include <boost/math/distributions/beta.hpp>

namespace cw {
namespace {

double upper_bound(std::int64_t successes, std::int64_t trials, double tail) {
  if (successes >= trials) return 1.0;
  const boost::math::beta_distribution<double> beta(static_cast<double>(successes + 1),
                                                    static_cast<double>(trials - successes));
  return boost::math::quantile(boost::math::complement(beta, tail));
}

}  // namespace

Interval clopper_pearson(std::int64_t successes, std::int64_t trials, double level) {
  const double tail = 0.5 * (1.0 - level);
  // By symmetry the lower bound of successes is one minus the upper bound of failures.
  return {1.0 - upper_bound(trials - successes, trials, tail), upper_bound(successes, trials, tail)};
}

double clopper_pearson_upper(std::int64_t successes, std::int64_t trials, double level) {
  return upper_bound(successes, trials, 1.0 - level);
}

}  // namespace cw
