// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/clusters.h"

#include "core/maps/mixing.h"
#include "core/maps/pca.h"
#include "core/maps/tsne.h"
#include "tests/core/maps/golden_mixture.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

Neighbors neighbors_of(MatrixView rows, int count) {
  JobContext ctx;
  NeighborOptions options;
  options.num_neighbors = count;
  return nearest_neighbors(rows, options, ctx).value();
}

Clusters clusters_of(MatrixView rows, LeidenOptions options = {}) {
  JobContext ctx;
  return leiden_clusters(fuzzy_graph(neighbors_of(rows, 14), 0), options, ctx).value();
}

TEST(Leiden, FindsTheClustersOfAClearMixture) {
  const auto mixture = test::latent_mixture(2000, 32, 8);
  const Clusters clusters = clusters_of(mixture.view(), {0.3, 42});
  EXPECT_EQ(clusters.num_clusters, 8);
  EXPECT_EQ(adjusted_rand_index(clusters.labels, mixture.labels), 1.0);
}

TEST(Leiden, NumbersClustersBySize) {
  const Clusters clusters = clusters_of(test::golden_cells().view());
  std::vector<int> sizes(static_cast<std::size_t>(clusters.num_clusters), 0);
  for (const auto label : clusters.labels) ++sizes[static_cast<std::size_t>(label)];
  EXPECT_TRUE(std::is_sorted(sizes.rbegin(), sizes.rend()));
}

TEST(Leiden, HigherResolutionGivesMoreClustersAndTheSeedRepeats) {
  const auto& cells = test::golden_cells();
  EXPECT_GT(clusters_of(cells.view(), {3.0, 42}).num_clusters, clusters_of(cells.view(), {0.1, 42}).num_clusters);
  EXPECT_EQ(clusters_of(cells.view(), {3.0, 7}).labels, clusters_of(cells.view(), {3.0, 7}).labels);
}

TEST(Leiden, StopsWhenCancelled) {
  JobContext ctx;
  ctx.request_cancel();
  const auto result = leiden_clusters(fuzzy_graph(neighbors_of(test::golden_cells().view(), 14), 1), {}, ctx);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(AdjustedRandIndex, IsOneForRenamedLabelsAndLeavesUnlabelledCellsOut) {
  EXPECT_EQ(adjusted_rand_index({0, 0, 1, 1, 2}, {5, 5, 3, 3, 1}), 1.0);
  EXPECT_EQ(adjusted_rand_index({0, 0, 1, 1, 2}, {5, 5, 3, 3, -1}), 1.0);
  // sklearn.metrics.adjusted_rand_score([0,0,1,1], [0,0,1,2]) and ([0,0,1,1], [0,1,0,1])
  EXPECT_NEAR(adjusted_rand_index({0, 0, 1, 1}, {0, 0, 1, 2}), 0.5714285714285714, 1e-12);
  EXPECT_NEAR(adjusted_rand_index({0, 0, 1, 1}, {0, 1, 0, 1}), -0.5, 1e-12);
}

TEST(Silhouette, EqualsScikitLearnToAMillionth) {
  const auto& cells = test::golden_cells();
  const Json& golden = test::golden_mixture()["silhouette"];
  JobContext ctx;
  const auto widths = silhouette(cells.view(), cells.labels, 10000, 42, 2, ctx);
  ASSERT_TRUE(widths.ok());
  EXPECT_NEAR(widths->mean, golden["mean"].get<double>(), 1e-6);
  for (std::size_t i = 0; i < widths->by_cell.size(); ++i) {
    ASSERT_NEAR(widths->by_cell[i], golden["samples"][i].get<double>(), 1e-6) << i;
  }
  const auto batch = test::golden_mixture()["batch"].get<std::vector<std::int32_t>>();
  EXPECT_NEAR(silhouette(cells.view(), batch, 10000, 42, 1, ctx)->mean, golden["batch_mean"].get<double>(), 1e-6);
}

TEST(Silhouette, LeavesUnlabelledCellsOutAndSamplesLargeData) {
  const auto& cells = test::golden_cells();
  auto labels = cells.labels;
  std::fill(labels.begin(), labels.begin() + 50, -1);
  JobContext ctx;
  EXPECT_EQ(silhouette(cells.view(), labels, 10000, 42, 1, ctx)->rows.size(), 250U);
  const auto sample = silhouette(cells.view(), cells.labels, 100, 42, 1, ctx);
  EXPECT_EQ(sample->rows.size(), 100U);
  EXPECT_NEAR(sample->mean, test::golden_mixture()["silhouette"]["mean"].get<double>(), 0.1);
}

TEST(Silhouette, OfOneLabelIsNotANumber) {
  const auto& cells = test::golden_cells();
  JobContext ctx;
  EXPECT_TRUE(std::isnan(silhouette(cells.view(), std::vector<std::int32_t>(300, 0), 1000, 42, 1, ctx)->mean));
}

TEST(BatchSilhouette, IsNearOneForRandomBatchesAndLowForShiftedOnes) {
  auto cells = test::golden_cells();
  const auto batch = test::golden_mixture()["batch"].get<std::vector<std::int32_t>>();
  JobContext ctx;
  const double mixed = batch_silhouette(cells.view(), cells.labels, batch, 1000, 42, 1, ctx).value();
  EXPECT_GT(mixed, 0.95);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i] == 1) cells.values[i * 20] += 50.0F;
  }
  EXPECT_LT(batch_silhouette(cells.view(), cells.labels, batch, 1000, 42, 1, ctx).value(), 0.3);
}

TEST(LocalSimpsonIndex, EqualsThePublishedDefinition) {
  const auto& cells = test::golden_cells();
  const Neighbors neighbors = neighbors_of(cells.view(), 90);
  const Json& golden = test::golden_mixture()["lisi"];
  const auto batch = test::golden_mixture()["batch"].get<std::vector<std::int32_t>>();
  const auto by_batch = local_simpson_index(neighbors, batch, 30.0, 2);
  const auto by_group = local_simpson_index(neighbors, cells.labels, 30.0, 1);
  for (std::size_t i = 0; i < by_batch.size(); ++i) {
    ASSERT_NEAR(by_batch[i], golden["batch"][i].get<double>(), 1e-4) << i;
    ASSERT_NEAR(by_group[i], golden["groups"][i].get<double>(), 1e-4) << i;
  }
}

std::vector<float> tsne_of(MatrixView rows, int threads, int iterations = 300) {
  JobContext ctx;
  const auto start = principal_components(rows, {2, 42, 0}, ctx).value().scores;
  TsneOptions options;
  options.num_iterations = iterations;
  options.num_threads = threads;
  auto result = tsne_layout(neighbors_of(rows, tsne_neighbors(30.0)), {start.data(), rows.num_rows, 2}, options, ctx);
  EXPECT_TRUE(result.ok());
  return std::move(result).value();
}

TEST(Tsne, KeepsTheGroupsTogether) {
  const auto& cells = test::golden_cells();
  const auto layout = tsne_of(cells.view(), 0);
  const Neighbors near = neighbors_of({layout.data(), cells.num_rows, 2}, 10);
  int same = 0;
  for (std::int64_t i = 0; i < near.num_rows; ++i) {
    for (const auto j : near.ids_of(i)) {
      same += cells.labels[static_cast<std::size_t>(i)] == cells.labels[static_cast<std::size_t>(j)];
    }
  }
  EXPECT_GT(same, 2900);
}

TEST(Tsne, IsTheSameForAnyNumberOfThreads) {
  const auto& cells = test::golden_cells();
  const auto one = tsne_of(cells.view(), 1);
  EXPECT_EQ(one, tsne_of(cells.view(), 2));
  EXPECT_EQ(one, tsne_of(cells.view(), 4));
}

TEST(Tsne, StopsWhenCancelled) {
  JobContext ctx;
  ctx.request_cancel();
  const auto& cells = test::golden_cells();
  const std::vector<float> start(600);
  EXPECT_EQ(tsne_layout(neighbors_of(cells.view(), 90), {start.data(), 300, 2}, {}, ctx).error().code,
            ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cw
