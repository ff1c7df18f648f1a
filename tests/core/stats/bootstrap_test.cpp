// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace cw {
namespace {

std::vector<float> normal_values(std::size_t n, float mean, float sd, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(mean, sd);
  std::vector<float> values(n);
  for (float& value : values) value = normal(generator);
  return values;
}

TEST(Bootstrap, IntervalOfManyNormalValuesIsTheNormalOne) {
  const auto values = normal_values(2000, 5.0F, 2.0F, 1);
  const Interval interval = bootstrap_mean_interval(values, 4000, 42);
  const double center = std::accumulate(values.begin(), values.end(), 0.0) / 2000.0;
  const double half = 1.96 * 2.0 / std::sqrt(2000.0);
  EXPECT_NEAR(interval.low, center - half, 0.08 * half);
  EXPECT_NEAR(interval.high, center + half, 0.08 * half);
}

TEST(Bootstrap, IntervalsCoverTheTruthAsOftenAsTheySay) {
  int covered = 0;
  for (unsigned run = 0; run < 400; ++run) {
    const Interval interval = bootstrap_mean_interval(normal_values(60, 0.0F, 1.0F, 100 + run), 400, run);
    covered += interval.low <= 0.0 && 0.0 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 362);  // 95 % of 400 is 380; percentile intervals of 60 values cover slightly less
  EXPECT_LE(covered, 394);
}

TEST(Bootstrap, EqualSeedsGiveEqualIntervalsAndOthersDoNot) {
  const auto values = normal_values(50, 0.0F, 1.0F, 9);
  EXPECT_EQ(bootstrap_mean_interval(values, 1000, 42).low, bootstrap_mean_interval(values, 1000, 42).low);
  EXPECT_NE(bootstrap_mean_interval(values, 1000, 42).low, bootstrap_mean_interval(values, 1000, 43).low);
}

TEST(Bootstrap, UsesOnlyTheCellsOfThePerturbation) {
  const CellBootstrap bootstrap(100, 1000, 42);
  const std::vector<std::int32_t> cells{3, 50, 99};
  const std::vector<float> equal{2.0F, 2.0F, 2.0F};
  const Interval interval = bootstrap.mean_interval(cells, equal);
  EXPECT_EQ(interval.low, 2.0);
  EXPECT_EQ(interval.high, 2.0);
  const std::vector<float> unequal{1.0F, 2.0F, 6.0F};
  const Interval wide = bootstrap.mean_interval(cells, unequal);
  EXPECT_NEAR(wide.low, 1.0, 1e-6);
  EXPECT_NEAR(wide.high, 6.0, 1e-6);
}

TEST(Bootstrap, OfNoValuesIsUndefined) { EXPECT_TRUE(std::isnan(bootstrap_mean_interval({}, 100, 1).low)); }

}  // namespace
}  // namespace cw
