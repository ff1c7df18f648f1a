// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/fuzzy_graph.h"
#include "core/maps/pca.h"
#include "core/maps/umap_layout.h"
#include "tests/core/maps/golden_mixture.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

FuzzyGraph graph_of(MatrixView rows, int neighbors = 14) {
  JobContext ctx;
  NeighborOptions options;
  options.num_neighbors = neighbors;
  return fuzzy_graph(nearest_neighbors(rows, options, ctx).value(), 2);
}

std::vector<float> start_of(MatrixView rows, int dimensions = 2) {
  JobContext ctx;
  return principal_components(rows, {dimensions, 42, 0}, ctx).value().scores;
}

std::vector<float> layout_of(MatrixView rows, int threads = 0, int dimensions = 2) {
  JobContext ctx;
  UmapOptions options;
  options.num_threads = threads;
  const auto start = start_of(rows, dimensions);
  auto result = umap_layout(graph_of(rows), {start.data(), rows.num_rows, dimensions}, options, ctx);
  EXPECT_TRUE(result.ok());
  return std::move(result).value();
}

/// Venna and Kaski 2001: 1 where the k neighbours on the map are neighbours in the data too.
double trustworthiness(MatrixView rows, MatrixView map, int k) {
  JobContext ctx;
  NeighborOptions all;
  all.num_neighbors = static_cast<int>(rows.num_rows - 1);
  const Neighbors high = nearest_neighbors(rows, all, ctx).value();
  NeighborOptions near;
  near.num_neighbors = k;
  const Neighbors low = nearest_neighbors(map, near, ctx).value();
  double penalty = 0.0;
  for (std::int64_t i = 0; i < rows.num_rows; ++i) {
    const auto order = high.ids_of(i);
    for (const auto j : low.ids_of(i)) {
      const auto rank = std::find(order.begin(), order.end(), j) - order.begin() + 1;
      penalty += static_cast<double>(std::max<std::int64_t>(0, rank - k));
    }
  }
  const auto n = static_cast<double>(rows.num_rows);
  return 1.0 - penalty * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0));
}

TEST(Umap, GraphEqualsTheFuzzySimplicialSetOfUmapLearn) {
  const FuzzyGraph graph = graph_of(test::golden_cells().view());
  const Json& golden = test::golden_mixture()["graph"];
  EXPECT_EQ(graph.offsets, golden["offsets"].get<std::vector<std::int64_t>>());
  EXPECT_EQ(graph.ids, golden["ids"].get<std::vector<std::int32_t>>());
  for (std::size_t e = 0; e < graph.weights.size(); ++e) {
    ASSERT_NEAR(graph.weights[e], golden["weights"][e].get<double>(), 1e-4) << e;
  }
}

TEST(Umap, CurveEqualsUmapLearn) {
  const UmapCurve curve = umap_curve(0.5, 1.0);
  const Json& golden = test::golden_mixture()["curve"];
  EXPECT_NEAR(curve.a, golden[0].get<double>(), 5e-3);
  EXPECT_NEAR(curve.b, golden[1].get<double>(), 5e-3);
}

TEST(Umap, MapIsAsTrustworthyAsThatOfUmapLearn) {
  const auto& cells = test::golden_cells();
  const auto layout = layout_of(cells.view());
  const double ours = trustworthiness(cells.view(), {layout.data(), cells.num_rows, 2}, 15);
  EXPECT_GT(ours, test::golden_mixture()["umap_trustworthiness"].get<double>() - 0.01);
}

TEST(Umap, AThirdDimensionIsUsedAndKeepsNeighbours) {
  const auto& cells = test::golden_cells();
  const auto layout = layout_of(cells.view(), 0, 3);
  ASSERT_EQ(layout.size(), static_cast<std::size_t>(3 * cells.num_rows));
  const double ours = trustworthiness(cells.view(), {layout.data(), cells.num_rows, 3}, 15);
  EXPECT_GT(ours, test::golden_mixture()["umap_trustworthiness"].get<double>() - 0.01);
  std::vector<float> depth;
  for (std::size_t i = 2; i < layout.size(); i += 3) depth.push_back(layout[i]);
  const auto [low, high] = std::minmax_element(depth.begin(), depth.end());
  EXPECT_GT(*high - *low, 2.0F) << "the third axis is flat";
}

TEST(Umap, IsTheSameForAnyNumberOfThreads) {
  const auto mixture = test::latent_mixture(6000, 20, 8);
  const auto one = layout_of(mixture.view(), 1);
  EXPECT_EQ(one, layout_of(mixture.view(), 2));
  EXPECT_EQ(one, layout_of(mixture.view(), 4));
}

TEST(Umap, KeepsAGraphInSeveralPiecesFiniteAndApart) {
  // two groups far from each other: no edge joins them
  auto mixture = test::latent_mixture(200, 8, 1);
  for (std::size_t i = 0; i < 100 * 8; ++i) mixture.values[i] += 1000.0F;
  ASSERT_EQ(count_components(graph_of(mixture.view())), 2);
  const auto layout = layout_of(mixture.view());
  JobContext ctx;
  NeighborOptions options;
  options.num_neighbors = 5;
  const Neighbors near = nearest_neighbors({layout.data(), 200, 2}, options, ctx).value();
  for (std::int64_t i = 0; i < 200; ++i) {
    for (const auto j : near.ids_of(i)) ASSERT_EQ(i < 100, j < 100) << "the pieces overlap on the map";
  }
}

TEST(Umap, EqualCellsGiveFinitePlaces) {
  const std::vector<float> values(60 * 4, 2.0F);
  for (const float place : layout_of({values.data(), 60, 4})) ASSERT_TRUE(std::isfinite(place));
}

TEST(Umap, TwoCellsHaveAMap) {
  const std::vector<float> values{0, 0, 1, 1};
  for (const float place : layout_of({values.data(), 2, 2})) ASSERT_TRUE(std::isfinite(place));
}

TEST(Umap, RefusesAStartThatDoesNotFit) {
  JobContext ctx;
  const std::vector<float> start(20);
  const auto result = umap_layout(graph_of(test::golden_cells().view()), {start.data(), 10, 2}, {}, ctx);
  EXPECT_EQ(result.error().id, "E-MAP-003");
}

TEST(Umap, StopsWhenCancelled) {
  JobContext ctx;
  ctx.request_cancel();
  const auto& cells = test::golden_cells();
  const auto start = start_of(cells.view());
  const auto result = umap_layout(graph_of(cells.view()), {start.data(), cells.num_rows, 2}, {}, ctx);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cw
