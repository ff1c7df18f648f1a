// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/fdr.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<double> rates(p.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<std::size_t> order;
  order.reserve(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  const auto num_tests = static_cast<double>(order.size());
  double smallest = 1.0;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t test = order[rank - 1];
    smallest = std::min(smallest, p[test] * num_tests / static_cast<double>(rank));
    rates[test] = smallest;
  }
  return rates;
}

}  // namespace cw
