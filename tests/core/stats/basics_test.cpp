// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/cell_mean.h"
#include "core/stats/descriptive.h"
#include "core/stats/distributions.h"
#include "core/stats/fdr.h"
#include "core/stats/gaussian_mixture.h"
#include "core/stats/proportion.h"
#include "core/stats/rank_correlation.h"
#include "core/stats/t_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace cw {
namespace {

using Values = std::vector<double>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// NIST Statistical Reference Datasets, univariate: NumAcc3 and NumAcc4 have certified mean and standard deviation.
TEST(Descriptive, KeepsTheDigitsOfTheNistAccuracySets) {
  for (const double offset : {1'000'000.0, 10'000'000.0}) {
    Values values{offset + 0.2};
    for (int i = 0; i < 500; ++i) {
      values.push_back(offset + 0.1);
      values.push_back(offset + 0.3);
    }
    EXPECT_NEAR(mean(values), offset + 0.2, 1e-8);
    EXPECT_NEAR(sample_sd(values), 0.1, 1e-8);
  }
}

// NIST NumAcc1: 10000001, 10000003, 10000002; mean 10000002, standard deviation 1, exactly.
TEST(Descriptive, IsExactOnNistNumAcc1) {
  const Values values{10000001.0, 10000003.0, 10000002.0};
  EXPECT_EQ(mean(values), 10000002.0);
  EXPECT_EQ(sample_sd(values), 1.0);
}

TEST(Descriptive, WeightedMeanCountsByWeight) {
  EXPECT_DOUBLE_EQ(weighted_mean(Values{1.0, 4.0}, Values{2.0, 1.0}), 2.0);
  EXPECT_TRUE(std::isnan(weighted_mean(Values{1.0}, Values{0.0})));
}

TEST(Descriptive, IsUndefinedWithoutValues) {
  EXPECT_TRUE(std::isnan(mean(Values{})));
  EXPECT_TRUE(std::isnan(median(Values{})));
  EXPECT_TRUE(std::isnan(sample_sd(Values{1.0})));
}

// Published tables: Φ and Student's t.
TEST(Distributions, GiveTheTabulatedCriticalValues) {
  EXPECT_NEAR(normal_two_sided_p(1.959963984540054), 0.05, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(student_quantile(0.975, 4), 2.776445105, 1e-8);
  EXPECT_NEAR(student_quantile(0.995, 10), 3.169272673, 1e-8);
  EXPECT_NEAR(student_two_sided_p(12.70620474, 1), 0.05, 1e-9);
}

TEST(Fdr, GivesThePublishedVector) {
  const Values rates = benjamini_hochberg(Values{.01, .04, .03, .20});
  EXPECT_NEAR(rates[0], 0.04, 1e-12);
  EXPECT_NEAR(rates[1], 0.16 / 3.0, 1e-12);
  EXPECT_NEAR(rates[2], 0.16 / 3.0, 1e-12);
  EXPECT_NEAR(rates[3], 0.2, 1e-12);
}

TEST(Fdr, LeavesUndefinedTestsOutOfTheCount) {
  const Values rates = benjamini_hochberg(Values{.01, kNaN, .04});
  EXPECT_NEAR(rates[0], 0.02, 1e-12);
  EXPECT_TRUE(std::isnan(rates[1]));
}

TEST(Fdr, KeepsFalseDiscoveriesUnderTheLevelAskedFor) {
  std::mt19937 generator(11);
  std::normal_distribution<double> normal;
  double false_share = 0.0;
  constexpr int kRuns = 300;
  for (int run = 0; run < kRuns; ++run) {
    Values p;
    for (int test = 0; test < 200; ++test) p.push_back(normal_two_sided_p(normal(generator) + (test < 40 ? 4.0 : 0.0)));
    const Values rates = benjamini_hochberg(p);
    double found = 0.0;
    double wrong = 0.0;
    for (std::size_t test = 0; test < rates.size(); ++test) {
      found += rates[test] < 0.05 ? 1.0 : 0.0;
      wrong += rates[test] < 0.05 && test >= 40 ? 1.0 : 0.0;
    }
    false_share += found == 0.0 ? 0.0 : wrong / found;
  }
  EXPECT_LT(false_share / kRuns, 0.05);
  EXPECT_GT(false_share / kRuns, 0.02);  // 0.04 expected: the control is not bought by finding nothing
}

TEST(TTests, SayWhatTheyCanWithoutSpreadOrValues) {
  const TTest equal = one_sample_t_test(Values{2.0, 2.0, 2.0}, 2.0);
  EXPECT_EQ(equal.p, 1.0);
  EXPECT_EQ(one_sample_t_test(Values{2.0, 2.0}, 1.0).p, 0.0);
  EXPECT_TRUE(std::isnan(one_sample_t_test(Values{2.0}).p));
  EXPECT_EQ(one_sample_t_test(Values{2.0}).mean, 2.0);
}

TEST(Proportions, UpperBoundOfNoEventIsTheRuleOfThree) {
  EXPECT_NEAR(clopper_pearson_upper(0, 300), 3.0 / 300.0, 1e-4);
  EXPECT_EQ(clopper_pearson(0, 0).high, 1.0);
}

TEST(RankCorrelations, PerfectOrdersAreOneAndMinusOne) {
  const Values x{1, 2, 3, 4, 5, 6};
  const Values down{6, 5, 4, 3, 2, 1};
  EXPECT_DOUBLE_EQ(spearman(x, x).value, 1.0);
  EXPECT_DOUBLE_EQ(kendall(x, down).value, -1.0);
}

TEST(RankCorrelations, LeaveOutUndefinedPairsAndConstants) {
  EXPECT_EQ(spearman(Values{1, 2, kNaN, 4}, Values{1, 2, 3, kNaN}).num_pairs, 2);
  EXPECT_TRUE(std::isnan(spearman(Values{1, 1, 1}, Values{1, 2, 3}).value));
  EXPECT_TRUE(std::isnan(kendall(Values{1, 1, 1}, Values{1, 2, 3}).value));
}

TEST(RankCorrelations, IntervalsCoverTheTruth) {
  std::mt19937 generator(21);
  std::normal_distribution<double> normal;
  int spearman_covered = 0;
  int kendall_covered = 0;
  for (int run = 0; run < 300; ++run) {
    Values x;
    Values y;
    for (int i = 0; i < 80; ++i) {
      x.push_back(normal(generator));
      y.push_back(0.5 * x.back() + std::sqrt(0.75) * normal(generator));
    }
    const double rho = 6.0 / M_PI * std::asin(0.25);  // of a normal pair with correlation 0.5
    const double tau = 2.0 / M_PI * std::asin(0.5);
    const Interval s = spearman(x, y).ci;
    const Interval k = kendall(x, y).ci;
    spearman_covered += s.low <= rho && rho <= s.high ? 1 : 0;
    kendall_covered += k.low <= tau && tau <= k.high ? 1 : 0;
  }
  EXPECT_NEAR(spearman_covered, 285, 12);
  EXPECT_NEAR(kendall_covered, 285, 12);
}

TEST(Mixture, RescaledFitDoesNotDependOnTheScale) {
  std::mt19937 generator(31);
  std::normal_distribution<double> normal;
  Values wide;
  for (int i = 0; i < 900; ++i) wide.push_back(normal(generator) + (i < 200 ? -6.0 : 0.0));
  Values narrow;
  for (const double value : wide) narrow.push_back(1.0 + 1e-4 * (value - 10.0));
  const TwoNormals a = fit_two_normals(wide);
  const TwoNormals b = fit_two_normals(narrow);
  EXPECT_NEAR(a.mean[0], -6.0, 0.25);
  EXPECT_NEAR(a.mean[1], 0.0, 0.15);
  EXPECT_NEAR(a.weight[0], 200.0 / 900.0, 0.01);
  EXPECT_NEAR(b.mean[0], 1.0 + 1e-4 * (a.mean[0] - 10.0), 1e-9);
  EXPECT_NEAR(b.weight[0], a.weight[0], 1e-6);
  EXPECT_EQ(a.component_of(-6.0), 0);
  EXPECT_EQ(a.component_of(0.5), 1);
}

TEST(Mixture, OfEqualValuesIsFiniteInBothForms) {
  const Values equal(7, 0.5);
  EXPECT_NEAR(fit_two_normals(equal).mean[1], 0.5, 0.5);
  EXPECT_TRUE(std::isfinite(fit_two_normals(equal).mean[0]));
  EXPECT_TRUE(std::isfinite(fit_two_normals_like_sklearn(equal).mean[0]));
}

CellMean cell_mean(std::initializer_list<double> values) {
  CellMean mean;
  for (const double value : values) mean.add(value);
  return mean;
}

TEST(CellMean, HasTheStandardErrorOfItsCells) {
  const CellMean mean = cell_mean({1.0, 2.0, 4.0, 5.0});
  EXPECT_DOUBLE_EQ(mean.mean(), 3.0);
  EXPECT_NEAR(mean.squared_error(), 10.0 / 3.0 / 4.0, 1e-15);
  EXPECT_EQ(cell_mean({7.0}).squared_error(), 0.0);
  EXPECT_EQ(CellMean{}.mean(), 0.0);
}

TEST(CellMean, ManyCellsAreStrongerThanAFewWithALargerMean) {
  const Strength strength({-0.2, -0.1, 0.0, 0.1, 0.2}, false);
  CellMean many;
  for (int i = 0; i < 100; ++i) many.add(i % 2 == 0 ? 0.9 : 0.7);
  const CellMean few = cell_mean({4.0, -2.0, 3.0, -1.0, 1.5});
  EXPECT_GT(few.mean(), many.mean());
  EXPECT_GT(strength.of(many), strength.of(few));
  EXPECT_NEAR(strength.of(many), 0.8 / std::sqrt(std::pow(1.4826 * 0.1, 2) + many.squared_error()), 1e-4);
}

TEST(CellMean, OnOneSideOnlyWhatIsAboveIsStrong) {
  const std::vector<double> others{1.0, 1.1, 1.2, 1.3, 1.4};
  const CellMean low = cell_mean({0.1, 0.1, 0.1});
  EXPECT_GT(Strength(others, false).of(low), 5.0);
  EXPECT_LT(Strength(others, true).of(low), -5.0);
  EXPECT_EQ(Strength({1.0, 1.0, 1.0}, false).of(cell_mean({2.0})), 0.0) << "no spread, no error: no unit";
}

}  // namespace
}  // namespace cw
