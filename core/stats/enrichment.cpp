// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/enrichment.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

double log_choose(std::int64_t n, std::int64_t k) {
  return std::lgamma(static_cast<double>(n) + 1.0) - std::lgamma(static_cast<double>(k) + 1.0) -
         std::lgamma(static_cast<double>(n - k) + 1.0);
}

// Calls visit(both, weight) for every table with these margins; weights are probabilities relative to the mode, so that
// normalising by their sum costs no digits to the logarithms of large factorials.
template <class Visit>
void for_each_table(const TwoByTwo& table, Visit visit) {
  const std::int64_t list = table.both + table.list_only;
  const std::int64_t set = table.both + table.set_only;
  const std::int64_t outside = table.list_only + table.neither;
  const std::int64_t least = std::max<std::int64_t>(0, list - outside);
  const std::int64_t most = std::min(list, set);
  const auto log_weight = [&](std::int64_t both) { return log_choose(set, both) + log_choose(outside, list - both); };
  const auto mode =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(static_cast<double>(list + 1) * static_cast<double>(set + 1) /
                                                         static_cast<double>(set + outside + 2)),
                               least, most);
  const double log_mode = log_weight(mode);
  for (std::int64_t both = least; both <= most; ++both) visit(both, std::exp(log_weight(both) - log_mode));
}

}  // namespace

double hypergeometric_upper_tail(const TwoByTwo& table) {
  double tail = 0.0;
  double total = 0.0;
  for_each_table(table, [&](std::int64_t both, double weight) {
    total += weight;
    if (both >= table.both) tail += weight;
  });
  return std::min(1.0, tail / total);
}

double fisher_two_sided_p(const TwoByTwo& table) {
  constexpr double kEqualWithin = 1e-7;  // SciPy's slack for tables of equal probability
  double observed = 0.0;
  for_each_table(table, [&](std::int64_t both, double weight) {
    if (both == table.both) observed = weight;
  });
  double tail = 0.0;
  double total = 0.0;
  for_each_table(table, [&](std::int64_t, double weight) {
    total += weight;
    if (weight <= observed * (1.0 + kEqualWithin)) tail += weight;
  });
  return std::min(1.0, tail / total);
}

}  // namespace cw
