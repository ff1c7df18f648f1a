// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/rank_sum.h"

#include "core/stats/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {
namespace {

// First position from `from` whose value is not `before` the wanted one: doubling steps, then bisection, so that a
// sorted sample walks through the pool once.
template <class Before>
std::size_t gallop(const std::vector<double>& sorted, std::size_t from, Before before) {
  std::size_t step = 1;
  std::size_t end = from;
  while (end < sorted.size() && before(sorted[end])) {
    from = end + 1;
    end += step;
    step *= 2;
  }
  const auto first = sorted.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(std::min(end, sorted.size()));
  return static_cast<std::size_t>(std::partition_point(first + static_cast<std::ptrdiff_t>(from), last, before) -
                                  first);
}

}  // namespace

RankSumPool::RankSumPool(std::vector<double> pool) : sorted_(std::move(pool)) {
  std::sort(sorted_.begin(), sorted_.end());
}

RankSum RankSumPool::test_in_place(std::span<double> sample) const {
  const auto n1 = static_cast<double>(sorted_.size());
  const auto n2 = static_cast<double>(sample.size());
  if (sorted_.empty() || sample.empty()) {
    return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
  }
  std::sort(sample.begin(), sample.end());
  double twice_pairs_won = 0.0;  // pairs where the sample's value is larger, counted 2, ties counted 1: exact in double
  std::size_t below = 0;
  std::size_t not_above = 0;
  for (const double value : sample) {
    below = gallop(sorted_, below, [value](double other) { return other < value; });
    not_above = gallop(sorted_, std::max(below, not_above), [value](double other) { return other <= value; });
    twice_pairs_won += static_cast<double>(below + not_above);
  }
  // s − E[s] of the pool's rank sum equals n1·n2/2 − U of the sample.
  const double z = (n1 * n2 / 2.0 - twice_pairs_won / 2.0) / std::sqrt(n1 * n2 * (n1 + n2 + 1.0) / 12.0);
  return {z, normal_two_sided_p(z)};
}

RankSum rank_sum(std::span<const double> first, std::span<const double> second) {
  std::vector<double> sample(second.begin(), second.end());
  return RankSumPool(std::vector<double>(first.begin(), first.end())).test_in_place(sample);
}

}  // namespace cw
