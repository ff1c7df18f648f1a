// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/rank_correlation.h"

#include "core/base/check.h"
#include "core/stats/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNormal975 = 1.959963984540054;

using Pairs = std::vector<std::pair<double, double>>;

Pairs complete_pairs(std::span<const double> x, std::span<const double> y) {
  CW_ASSERT(x.size() == y.size());
  Pairs pairs;
  pairs.reserve(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isnan(x[i]) && !std::isnan(y[i])) pairs.emplace_back(x[i], y[i]);
  }
  return pairs;
}

RankCorrelation undefined(std::size_t num_pairs) {
  return {kNaN, kNaN, {kNaN, kNaN}, static_cast<std::int64_t>(num_pairs)};
}

Interval fisher_interval(double value, double variance) {
  if (!(variance > 0.0) || std::isinf(variance)) return {kNaN, kNaN};
  const double half = kNormal975 * std::sqrt(variance);
  const double center = std::atanh(value);
  return {std::tanh(center - half), std::tanh(center + half)};
}

/// Number of runs of equal keys, as the sums over runs of t(t−1)/2, t(t−1)(t−2) and t(t−1)(2t+5).
struct TieSums {
  double pairs = 0.0;
  double triples = 0.0;
  double variance = 0.0;

  void add(double t) {
    pairs += t * (t - 1.0) / 2.0;
    triples += t * (t - 1.0) * (t - 2.0);
    variance += t * (t - 1.0) * (2.0 * t + 5.0);
  }
};

template <class Same>
TieSums tie_sums(const Pairs& sorted, Same same) {
  TieSums sums;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() && same(sorted[begin], sorted[end])) ++end;
    sums.add(static_cast<double>(end - begin));
    begin = end;
  }
  return sums;
}

// Merge sort by the second value that counts the exchanges a bubble sort would need: the discordant pairs.
double sort_counting_exchanges(Pairs& pairs, Pairs& scratch, std::size_t begin, std::size_t end) {
  if (end - begin < 2) return 0.0;
  const std::size_t middle = begin + (end - begin) / 2;
  double exchanges =
      sort_counting_exchanges(pairs, scratch, begin, middle) + sort_counting_exchanges(pairs, scratch, middle, end);
  std::size_t left = begin;
  std::size_t right = middle;
  for (std::size_t out = begin; out < end; ++out) {
    const bool take_left = right == end || (left < middle && pairs[left].second <= pairs[right].second);
    if (!take_left) exchanges += static_cast<double>(middle - left);
    scratch[out] = pairs[take_left ? left++ : right++];
  }
  std::copy(scratch.begin() + static_cast<std::ptrdiff_t>(begin), scratch.begin() + static_cast<std::ptrdiff_t>(end),
            pairs.begin() + static_cast<std::ptrdiff_t>(begin));
  return exchanges;
}

double pearson(std::span<const double> x, std::span<const double> y) {
  const double mx = mean(x);
  const double my = mean(y);
  double xx = 0.0;
  double yy = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xx == 0.0 || yy == 0.0 ? kNaN : std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

RankCorrelation spearman(std::span<const double> x, std::span<const double> y) {
  const Pairs pairs = complete_pairs(x, y);
  if (pairs.size() < 2) return undefined(pairs.size());
  std::vector<double> first;
  std::vector<double> second;
  for (const auto& [a, b] : pairs) {
    first.push_back(a);
    second.push_back(b);
  }
  const double rho = pearson(average_ranks(first), average_ranks(second));
  if (std::isnan(rho)) return undefined(pairs.size());
  const auto n = static_cast<double>(pairs.size());
  const double t = rho * std::sqrt((n - 2.0) / ((1.0 - rho) * (1.0 + rho)));
  const double variance = n < 5.0 ? kNaN : (1.0 + rho * rho / 2.0) / (n - 3.0);
  return {rho, student_two_sided_p(t, n - 2.0), fisher_interval(rho, variance),
          static_cast<std::int64_t>(pairs.size())};
}

RankCorrelation kendall(std::span<const double> x, std::span<const double> y) {
  Pairs pairs = complete_pairs(x, y);
  if (pairs.size() < 2) return undefined(pairs.size());
  std::sort(pairs.begin(), pairs.end());
  const TieSums x_ties = tie_sums(pairs, [](const auto& a, const auto& b) { return a.first == b.first; });
  const TieSums joint = tie_sums(pairs, [](const auto& a, const auto& b) { return a == b; });
  Pairs scratch(pairs.size());
  const double discordant = sort_counting_exchanges(pairs, scratch, 0, pairs.size());
  const TieSums y_ties = tie_sums(pairs, [](const auto& a, const auto& b) { return a.second == b.second; });

  const auto n = static_cast<double>(pairs.size());
  const double all = n * (n - 1.0) / 2.0;
  const double difference =
      all - x_ties.pairs - y_ties.pairs + joint.pairs - 2.0 * discordant;  // concordant − discordant
  const double scale = std::sqrt(all - x_ties.pairs) * std::sqrt(all - y_ties.pairs);
  if (scale == 0.0) return undefined(pairs.size());
  const double tau = std::clamp(difference / scale, -1.0, 1.0);
  double variance = (2.0 * all * (2.0 * n + 5.0) - x_ties.variance - y_ties.variance) / 18.0 +
                    2.0 * x_ties.pairs * y_ties.pairs / (2.0 * all);
  variance = variance + (n < 3.0 ? 0.0 : x_ties.triples * y_ties.triples / (9.0 * 2.0 * all * (n - 2.0)));
  const double p = normal_two_sided_p(difference / std::sqrt(variance));
  return {tau, p, fisher_interval(tau, n < 5.0 ? kNaN : 0.437 / (n - 4.0)), static_cast<std::int64_t>(pairs.size())};
}

}  // namespace cw
