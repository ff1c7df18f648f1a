// SPDX-License-Identifier: GPL-3.0-or-later
// Values by tests/golden/stats/make.py (SciPy, scikit-learn, statsmodels).
#include "core/base/json.h"
#include "core/stats/enrichment.h"
#include "core/stats/fdr.h"
#include "core/stats/gaussian_mixture.h"
#include "core/stats/proportion.h"
#include "core/stats/rank_correlation.h"
#include "core/stats/rank_sum.h"
#include "core/stats/t_test.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cw {
namespace {

using Values = std::vector<double>;

const Json& golden() {
  static const Json values = read_json(std::string(CW_SOURCE_DIR) + "/tests/golden/stats/golden.json").value();
  return values;
}

void expect_close(double actual, double expected, double relative, const std::string& what) {
  EXPECT_NEAR(actual, expected, relative * std::max(1e-300, std::abs(expected))) << what;
}

TEST(StatsGolden, RankSumEqualsScipy) {
  for (const Json& test : golden()["rank_sum"]) {
    const auto result = rank_sum(test["a"].get<Values>(), test["b"].get<Values>());
    EXPECT_NEAR(result.z, test["z"].get<double>(), 1e-12);
    expect_close(result.p, test["p"].get<double>(), 1e-10, "p");
  }
}

TEST(StatsGolden, FalseDiscoveryRatesEqualStatsmodels) {
  const auto rates = benjamini_hochberg(golden()["fdr"]["p"].get<Values>());
  const auto expected = golden()["fdr"]["fdr"].get<Values>();
  ASSERT_EQ(rates.size(), expected.size());
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_NEAR(rates[i], expected[i], 1e-15);
}

TEST(StatsGolden, TTestsEqualScipy) {
  for (const Json& test : golden()["t_test"]) {
    const auto a = test["a"].get<Values>();
    const TTest one = one_sample_t_test(a, test["hypothesis"].get<double>());
    const auto expected = test["one"].get<Values>();
    expect_close(one.t, expected[0], 1e-12, "t");
    expect_close(one.p, expected[1], 1e-10, "p");
    expect_close(one.ci_low, expected[2], 1e-10, "low");
    expect_close(one.ci_high, expected[3], 1e-10, "high");
    const TTest two = welch_t_test(a, test["b"].get<Values>());
    const auto welch = test["welch"].get<Values>();
    expect_close(two.t, welch[0], 1e-12, "t");
    expect_close(two.p, welch[1], 1e-10, "p");
    expect_close(two.df, welch[2], 1e-12, "df");
    expect_close(two.ci_low, welch[3], 1e-10, "low");
    expect_close(two.ci_high, welch[4], 1e-10, "high");
  }
}

TEST(StatsGolden, ClopperPearsonEqualsStatsmodels) {
  for (const Json& test : golden()["clopper_pearson"]) {
    const Interval interval = clopper_pearson(test[0].get<std::int64_t>(), test[1].get<std::int64_t>());
    EXPECT_NEAR(interval.low, test[2].get<double>(), 1e-12);
    EXPECT_NEAR(interval.high, test[3].get<double>(), 1e-12);
  }
}

TEST(StatsGolden, RankCorrelationsEqualScipyWithAndWithoutTies) {
  for (const Json& test : golden()["correlation"]) {
    const auto x = test["x"].get<Values>();
    const auto y = test["y"].get<Values>();
    const RankCorrelation rho = spearman(x, y);
    expect_close(rho.value, test["spearman"][0].get<double>(), 1e-12, "rho");
    expect_close(rho.p, test["spearman"][1].get<double>(), 1e-9, "p");
    EXPECT_LT(rho.ci.low, rho.value);
    EXPECT_GT(rho.ci.high, rho.value);
    const RankCorrelation tau = kendall(x, y);
    expect_close(tau.value, test["kendall"][0].get<double>(), 1e-12, "tau");
    expect_close(tau.p, test["kendall"][1].get<double>(), 1e-9, "p");
  }
}

TEST(StatsGolden, EnrichmentEqualsScipy) {
  for (const Json& test : golden()["enrichment"]) {
    const auto t = test["table"].get<std::vector<std::int64_t>>();
    const TwoByTwo table{t[0], t[1], t[2], t[3]};
    expect_close(hypergeometric_upper_tail(table), test["greater"].get<double>(), 1e-9, "greater");
    expect_close(fisher_two_sided_p(table), test["two_sided"].get<double>(), 1e-9, "two-sided");
  }
}

TEST(StatsGolden, MixtureEqualsScikitLearnStepForStep) {
  for (const Json& test : golden()["mixture"]) {
    const auto name = test["name"].get<std::string>();
    const TwoNormals model = fit_two_normals_like_sklearn(test["x"].get<Values>());
    EXPECT_EQ(model.iterations, test["iterations"].get<int>()) << name;
    EXPECT_EQ(model.converged, test["converged"].get<bool>()) << name;
    EXPECT_NEAR(model.log_likelihood, test["log_likelihood"].get<double>(), 1e-9) << name;
    for (std::size_t k = 0; k < 2; ++k) {
      expect_close(model.mean[k], test["means"][k].get<double>(), 1e-9, name);
      expect_close(model.variance[k], test["variances"][k].get<double>(), 1e-8, name);
      expect_close(model.weight[k], test["weights"][k].get<double>(), 1e-8, name);
    }
  }
}

TEST(StatsGolden, DescriptivesEqualNumpy) {
  const Json& test = golden()["descriptive"];
  auto x = test["x"].get<Values>();
  for (const Json& quantile : test["quantiles"]) {
    EXPECT_NEAR(quantile_in_place(x, quantile[0].get<double>()), quantile[1].get<double>(), 1e-14);
  }
  EXPECT_NEAR(sample_sd(x), test["sd"].get<double>(), 1e-14);
  EXPECT_NEAR(population_sd(x), test["population_sd"].get<double>(), 1e-14);
  double center = 0.0;
  EXPECT_NEAR(mad_sd_in_place(x, center), test["mad"].get<double>(), 1e-14);
  EXPECT_NEAR(center, test["median"].get<double>(), 1e-14);
}

}  // namespace
}  // namespace cw
