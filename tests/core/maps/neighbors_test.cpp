// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/neighbors.h"

#include "tests/core/maps/golden_mixture.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace cw {
namespace {

NeighborOptions options_of(int neighbors, std::int64_t exact_up_to, int threads = 0) {
  NeighborOptions options;
  options.num_neighbors = neighbors;
  options.exact_up_to = exact_up_to;
  options.num_threads = threads;
  return options;
}

Neighbors neighbors_of(MatrixView rows, const NeighborOptions& options) {
  JobContext ctx;
  auto result = nearest_neighbors(rows, options, ctx);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result).value();
}

TEST(Neighbors, ExactSearchEqualsScikitLearn) {
  const Neighbors found = neighbors_of(test::golden_cells().view(), options_of(14, 4096));
  const Json& golden = test::golden_mixture()["knn"];
  EXPECT_EQ(found.ids, golden["ids"].get<std::vector<std::int32_t>>());
  for (std::size_t i = 0; i < found.distances.size(); ++i) {
    ASSERT_NEAR(found.distances[i], golden["distances"][i].get<double>(), 2e-6) << i;
  }
}

TEST(Neighbors, DescentFindsNinetyNineOfAHundred) {
  const auto mixture = test::latent_mixture(12000, 64, 20);
  const Neighbors exact = neighbors_of(mixture.view(), options_of(14, 1'000'000));
  const Neighbors found = neighbors_of(mixture.view(), options_of(14, 0));
  EXPECT_GE(recall_of(found, exact), 0.99);
  EXPECT_LT(recall_of(found, exact), 1.0) << "the exact search was used";
}

TEST(Neighbors, DescentIsTheSameForAnyNumberOfThreads) {
  const auto mixture = test::latent_mixture(20000, 32, 10);
  const Neighbors one = neighbors_of(mixture.view(), options_of(14, 0, 1));
  for (const int threads : {2, 4}) {
    const Neighbors several = neighbors_of(mixture.view(), options_of(14, 0, threads));
    EXPECT_EQ(one.ids, several.ids) << threads;
    EXPECT_EQ(one.distances, several.distances) << threads;
  }
}

TEST(Neighbors, DescentGivesSortedDistinctNeighborsWithoutTheRowItself) {
  const auto mixture = test::latent_mixture(5000, 20, 3);
  const Neighbors found = neighbors_of(mixture.view(), options_of(30, 0));
  for (std::int64_t i = 0; i < found.num_rows; ++i) {
    const auto ids = found.ids_of(i);
    const auto distances = found.distances_of(i);
    ASSERT_EQ(std::set<std::int32_t>(ids.begin(), ids.end()).size(), 30U);
    ASSERT_EQ(std::count(ids.begin(), ids.end(), static_cast<std::int32_t>(i)), 0);
    ASSERT_TRUE(std::is_sorted(distances.begin(), distances.end()));
  }
}

TEST(Neighbors, DescentCopesWithEqualRows) {
  const std::vector<float> values(6000 * 8, 1.5F);
  const Neighbors found = neighbors_of({values.data(), 6000, 8}, options_of(14, 0));
  EXPECT_EQ(found.distances, std::vector<float>(6000 * 14, 0.0F));
}

TEST(Neighbors, CosineDistanceIsOneMinusCosine) {
  const std::vector<float> values{1, 0, 0, 2, 3, 3};
  auto options = options_of(2, 4096);
  options.metric = DistanceMetric::kCosine;
  const Neighbors found = neighbors_of({values.data(), 3, 2}, options);
  EXPECT_EQ(found.ids, (std::vector<std::int32_t>{2, 1, 2, 0, 0, 1}));
  EXPECT_NEAR(found.distances[0], 1.0 - std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(found.distances[1], 1.0, 1e-6);
}

TEST(Neighbors, WarnsAndUsesAllWhereThereAreFewerRows) {
  const std::vector<float> values{0, 1, 3};
  const Neighbors found = neighbors_of({values.data(), 3, 1}, options_of(14, 4096));
  EXPECT_EQ(found.num_neighbors, 2);
  EXPECT_EQ(found.ids, (std::vector<std::int32_t>{1, 2, 0, 2, 1, 0}));
}

TEST(Neighbors, RefusesOneRowAndNotFiniteValues) {
  JobContext ctx;
  std::vector<float> values{0, 1, 3};
  EXPECT_EQ(nearest_neighbors({values.data(), 1, 3}, {}, ctx).error().id, "E-MAP-004");
  EXPECT_EQ(nearest_neighbors({values.data(), 3, 1}, options_of(0, 10), ctx).error().id, "E-MAP-004");
  values[1] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(nearest_neighbors({values.data(), 3, 1}, {}, ctx).error().id, "E-MAP-001");
}

TEST(Neighbors, StopsWhenCancelled) {
  const auto mixture = test::latent_mixture(5000, 20, 3);
  for (const std::int64_t exact_up_to : {0, 10000}) {
    JobContext ctx;
    ctx.request_cancel();
    EXPECT_EQ(nearest_neighbors(mixture.view(), options_of(14, exact_up_to), ctx).error().code, ErrorCode::kCancelled);
  }
}

}  // namespace
}  // namespace cw
