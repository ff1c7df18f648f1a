// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/pca.h"

#include "tests/core/maps/golden_mixture.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

namespace cw {
namespace {

Pca pca_of(MatrixView rows, int components, int threads = 1) {
  JobContext ctx;
  auto result = principal_components(rows, {components, 42, threads}, ctx);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result).value();
}

/// Largest |row . row - own variance * (N - 1)| over pairs of score columns: 0 for exact principal components.
double largest_score_product(const Pca& pca) {
  double worst = 0.0;
  for (std::int64_t a = 0; a < pca.num_components; ++a) {
    for (std::int64_t b = a; b < pca.num_components; ++b) {
      double sum = 0.0;
      for (std::int64_t i = 0; i < pca.num_rows; ++i) {
        sum += static_cast<double>(pca.scores[static_cast<std::size_t>(i * pca.num_components + a)]) *
               pca.scores[static_cast<std::size_t>(i * pca.num_components + b)];
      }
      const double expected =
          a == b ? pca.variances[static_cast<std::size_t>(a)] * static_cast<double>(pca.num_rows - 1) : 0.0;
      worst = std::max(worst, std::abs(sum - expected));
    }
  }
  return worst;
}

TEST(Pca, EqualsScikitLearnToATenThousandth) {
  const Pca pca = pca_of(test::golden_cells().view(), 10);
  const Json& golden = test::golden_mixture()["pca"];
  ASSERT_EQ(pca.scores.size(), golden["scores"].size());
  for (std::size_t i = 0; i < pca.scores.size(); ++i) {
    ASSERT_NEAR(pca.scores[i], golden["scores"][i].get<double>(), 1e-4) << i;
  }
  for (std::size_t c = 0; c < 10; ++c) {
    EXPECT_NEAR(pca.variances[c], golden["variances"][c].get<double>(), 1e-5);
    EXPECT_NEAR(pca.variance_ratios[c], golden["ratios"][c].get<double>(), 1e-6);
  }
}

TEST(Pca, SparseRowsGiveTheSameAsDenseOnes) {
  const auto& cells = test::golden_cells();
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (std::int64_t i = 0; i < cells.num_rows; ++i) {
    for (std::int64_t j = cells.num_columns - 1; j >= 0; --j) {
      columns.push_back(static_cast<std::uint32_t>(j));
      values.push_back(cells.values[static_cast<std::size_t>(i * cells.num_columns + j)]);
    }
    offsets.push_back(columns.size());
  }
  JobContext ctx;
  const auto sparse = principal_components(SparseView{offsets, columns, values, cells.num_columns}, {10, 42, 1}, ctx);
  ASSERT_TRUE(sparse.ok());
  const Pca dense = pca_of(cells.view(), 10);
  for (std::size_t i = 0; i < dense.scores.size(); ++i) ASSERT_NEAR(sparse->scores[i], dense.scores[i], 1e-5);
}

TEST(Pca, IterativeSolverGivesUncorrelatedScoresOfFallingVariance) {
  const auto mixture = test::latent_mixture(700, 900, 6);
  const Pca pca = pca_of(mixture.view(), 30);
  ASSERT_EQ(pca.num_components, 30);
  EXPECT_LT(largest_score_product(pca), 1e-4 * pca.variances[0] * 699.0);
  EXPECT_TRUE(std::is_sorted(pca.variances.rbegin(), pca.variances.rend()));
  EXPECT_LT(std::accumulate(pca.variance_ratios.begin(), pca.variance_ratios.end(), 0.0), 1.0);
}

TEST(Pca, WideMatrixGivesTheAxesOfItsCovariance) {
  // the same rows with 2,900 (covariance) and, padded by constant columns, 3,100 columns (products)
  const auto mixture = test::latent_mixture(200, 2900, 4);
  test::Mixture wide = mixture;
  wide.num_columns = 3100;
  wide.values.assign(static_cast<std::size_t>(200 * 3100), 5.0F);
  for (std::int64_t i = 0; i < 200; ++i) {
    std::copy_n(mixture.values.data() + i * 2900, 2900, wide.values.data() + i * 3100);
  }
  const Pca a = pca_of(mixture.view(), 12);
  const Pca b = pca_of(wide.view(), 12);
  for (std::size_t c = 0; c < 12; ++c) EXPECT_NEAR(a.variances[c] / b.variances[c], 1.0, 1e-5);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_NEAR(a.scores[i * 12], b.scores[i * 12], 1e-4 * std::sqrt(a.variances[0])) << i;
  }
}

TEST(Pca, FewRowsOfManyColumnsGiveAllTheirComponents) {
  const auto mixture = test::latent_mixture(20, 3200, 2);
  const Pca pca = pca_of(mixture.view(), 50);
  ASSERT_EQ(pca.num_components, 19);
  EXPECT_LT(largest_score_product(pca), 1e-3 * pca.variances[0] * 19.0);
  EXPECT_NEAR(std::accumulate(pca.variance_ratios.begin(), pca.variance_ratios.end(), 0.0), 1.0, 1e-4);
}

TEST(Pca, GivesAsManyComponentsAsAskedForEvenOfWideData) {
  const auto mixture = test::latent_mixture(700, 450, 3);
  const Pca pca = pca_of(mixture.view(), 400);
  ASSERT_EQ(pca.num_components, 400);
  EXPECT_LT(largest_score_product(pca), 1e-4 * pca.variances[0] * 699.0);
}

TEST(Pca, IsTheSameForAnyNumberOfThreads) {
  const auto mixture = test::latent_mixture(3000, 60, 5);
  const Pca one = pca_of(mixture.view(), 20, 1);
  EXPECT_EQ(one.scores, pca_of(mixture.view(), 20, 2).scores);
  EXPECT_EQ(one.scores, pca_of(mixture.view(), 20, 4).scores);
}

TEST(Pca, ProjectsItsOwnRowsOntoTheirScores) {
  const auto& cells = test::golden_cells();
  const Pca pca = pca_of(cells.view(), 10);
  const auto scores = project(pca, cells.view(), 2);
  ASSERT_TRUE(scores.ok());
  for (std::size_t i = 0; i < pca.scores.size(); ++i) ASSERT_NEAR((*scores)[i], pca.scores[i], 1e-4);
  EXPECT_EQ(project(pca, {cells.values.data(), 10, 7}, 1).error().id, "E-MAP-003");
}

TEST(Pca, EqualRowsHaveNoVarianceAndScoreZero) {
  const std::vector<float> values(50, 3.25F);
  const Pca pca = pca_of({values.data(), 10, 5}, 3);
  EXPECT_EQ(pca.total_variance, 0.0);
  EXPECT_EQ(pca.variance_ratios, std::vector<double>(3, 0.0));
  EXPECT_EQ(pca.scores, std::vector<float>(30, 0.0F));
}

TEST(Pca, OneRowGivesOneComponentOfZero) {
  const std::vector<float> values{1.0F, 2.0F, 3.0F};
  const Pca pca = pca_of({values.data(), 1, 3}, 50);
  EXPECT_EQ(pca.num_components, 1);
  EXPECT_EQ(pca.scores, std::vector<float>{0.0F});
}

TEST(Pca, NamesTheRowThatIsNotFinite) {
  std::vector<float> values(60, 1.0F);
  values[5 * 7 + 2] = std::numeric_limits<float>::quiet_NaN();
  JobContext ctx;
  const auto result = principal_components(MatrixView{values.data(), 12, 5}, {2, 42, 2}, ctx);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, "E-MAP-001");
  EXPECT_NE(result.error().message.find("row 7 "), std::string::npos) << result.error().message;
}

TEST(Pca, RefusesAnEmptyMatrix) {
  JobContext ctx;
  EXPECT_EQ(principal_components(MatrixView{nullptr, 0, 5}, {}, ctx).error().id, "E-MAP-002");
}

TEST(Pca, StopsWhenCancelled) {
  JobContext ctx;
  ctx.request_cancel();
  const auto result = principal_components(test::golden_cells().view(), {}, ctx);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cw
