// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/rank_sum.h"

#include "core/stats/rank_correlation.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <random>
#include <vector>

namespace cw {
namespace {

using Values = std::vector<double>;

TEST(RankSum, GivesThePublishedVectors) {
  const RankSum first = rank_sum(Values{.1, .2, .3, .4, .5}, Values{.35, .6, .7});
  EXPECT_NEAR(first.z, -1.6397832, 5e-8);
  EXPECT_NEAR(first.p, 0.1010503, 5e-8);
  const RankSum ties = rank_sum(Values{1, 1, 2, 3}, Values{1, 2, 2, 4, 5});
  EXPECT_NEAR(ties.z, -0.9797959, 5e-8);
  EXPECT_NEAR(ties.p, 0.3271869, 5e-8);
}

TEST(RankSum, IsUndefinedForAnEmptySample) {
  EXPECT_TRUE(std::isnan(rank_sum(Values{}, Values{1.0}).p));
  EXPECT_TRUE(std::isnan(rank_sum(Values{1.0}, Values{}).p));
}

TEST(RankSum, PoolEqualsRankingEverythingTogether) {
  std::mt19937 generator(3);
  for (const std::size_t n : {1U, 4U, 57U, 900U}) {
    Values pool(500);
    for (double& value : pool) value = static_cast<double>(generator() % 97);
    Values sample(n);
    for (double& value : sample) value = static_cast<double>(generator() % 113) - 5.0;
    Values all = pool;
    all.insert(all.end(), sample.begin(), sample.end());
    const Values ranks = average_ranks(all);
    double sum = 0.0;
    for (std::size_t i = 0; i < pool.size(); ++i) sum += ranks[i];
    const double n1 = 500.0;
    const auto n2 = static_cast<double>(n);
    const double z = (sum - n1 * (n1 + n2 + 1.0) / 2.0) / std::sqrt(n1 * n2 * (n1 + n2 + 1.0) / 12.0);
    EXPECT_NEAR(RankSumPool(pool).test_in_place(sample).z, z, 1e-10) << n;
  }
}

TEST(RankSum, SixteenThousandGenesAgainstAHundredThousandValuesTakeOneSecond) {
  std::mt19937 generator(5);
  std::normal_distribution<double> normal;
  Values pool(100'000);
  for (double& value : pool) value = normal(generator);
  Values sample(100);
  for (double& value : sample) value = normal(generator);
  const auto start = std::chrono::steady_clock::now();
  const RankSumPool sorted(pool);
  double sum = 0.0;
  for (int gene = 0; gene < 16'000; ++gene) {
    Values copy = sample;
    sum += sorted.test_in_place(copy).p;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_GT(sum, 0.0);
  EXPECT_LT(elapsed.count(), 4.0);  // 0.04 s on a quiet machine; sorting the pool per gene takes 150 s
}

}  // namespace
}  // namespace cw
