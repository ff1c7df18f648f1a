// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/marker_genes.h"

#include "tests/core/maps/golden_mixture.h"

#include <gtest/gtest.h>
#include <scran_markers/scran_markers.hpp>
#include <tatami/tatami.hpp>

namespace cw {
namespace {

constexpr std::int64_t kGenes = 30;

CountMatrix golden_counts() {
  const auto counts = test::golden_mixture()["markers"]["counts"].get<std::vector<float>>();
  CountMatrix matrix;
  for (std::int64_t g = 0; g < kGenes; ++g) matrix.genes.index.push_back(std::to_string(g));
  const auto cells = static_cast<std::int64_t>(counts.size()) / kGenes;
  for (std::int64_t i = 0; i < cells; ++i) {
    const float* row = counts.data() + i * kGenes;
    double total = 0.0;
    for (std::int64_t g = 0; g < kGenes; ++g) total += static_cast<double>(row[g]);
    for (std::int64_t g = 0; g < kGenes; ++g) {
      if (row[g] == 0.0F) continue;
      matrix.columns.push_back(static_cast<std::uint32_t>(g));
      matrix.counts.push_back(row[g]);
      matrix.logs.push_back(static_cast<float>(std::log1p(1e4 * static_cast<double>(row[g]) / total)));
    }
    matrix.offsets.push_back(matrix.columns.size());
    matrix.totals.push_back(total);
  }
  return matrix;
}

MarkerDesign design_of(std::span<const std::int32_t> groups, std::int32_t num_groups) {
  MarkerDesign design;
  design.groups = groups;
  design.num_groups = num_groups;
  return design;
}

std::vector<GroupMarkers> markers_of(const MarkerDesign& design, int threads = 0) {
  JobContext ctx;
  auto result = marker_genes(golden_counts(), design, threads, ctx);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result).value();
}

TEST(MarkerGenes, RankSumTestEqualsScanpy) {
  const auto& groups = test::golden_cells().labels;
  const auto markers = markers_of(design_of(groups, 5));
  const Json& golden = test::golden_mixture()["markers"];
  for (std::size_t k = 0; k < 5; ++k) {
    const std::string name = "g" + std::to_string(k);
    for (std::size_t g = 0; g < kGenes; ++g) {
      const double z = golden["scores"][name][g].get<double>();
      const double p = golden["pvals"][name][g].get<double>();
      ASSERT_NEAR(markers[k].genes[g].z, z, 1e-5 * std::max(1.0, std::abs(z))) << name << " gene " << g;
      // scanpy's scores are rounded to single precision, which far out in the tail is more of p
      ASSERT_NEAR(markers[k].genes[g].p, p, 1e-4 * p + 1e-300) << name << " gene " << g;
      const double fdr = golden["pvals_adj"][name][g].get<double>();
      ASSERT_NEAR(markers[k].fdr[g], fdr, 1e-4 * fdr + 1e-300);
    }
  }
}

TEST(MarkerGenes, EffectSizesOfTwoGroupsEqualScran) {
  std::vector<std::int32_t> groups;
  for (const auto label : test::golden_cells().labels) groups.push_back(label < 2 ? 0 : 1);
  const auto markers = markers_of(design_of(groups, 2));
  const CountMatrix matrix = golden_counts();
  const tatami::CompressedSparseMatrix<double, int, std::vector<float>, std::vector<std::uint32_t>,
                                       std::vector<std::uint64_t>>
      view(kGenes, static_cast<int>(matrix.num_cells()), matrix.logs, matrix.columns, matrix.offsets, false);
  const auto oracle = scran_markers::score_markers_summary(view, groups.data(), {});
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t g = 0; g < kGenes; ++g) {
      ASSERT_NEAR(markers[k].genes[g].auc, oracle.auc[k].mean[g], 1e-9) << g;
      ASSERT_NEAR(markers[k].genes[g].cohens_d, oracle.cohens_d[k].mean[g], 1e-5) << g;
      ASSERT_NEAR(markers[k].genes[g].detected_in, oracle.detected[k][g], 1e-12) << g;
    }
  }
}

TEST(MarkerGenes, AreTheSameForAnyNumberOfThreads) {
  const auto& groups = test::golden_cells().labels;
  const auto one = markers_of(design_of(groups, 5), 1);
  const auto four = markers_of(design_of(groups, 5), 4);
  for (std::size_t g = 0; g < kGenes; ++g) EXPECT_EQ(one[2].genes[g].cohens_d, four[2].genes[g].cohens_d);
}

TEST(MarkerGenes, LeaveCellsWithoutAGroupOut) {
  auto groups = test::golden_cells().labels;
  for (auto& group : groups) group = group == 4 ? -1 : group;
  const auto markers = markers_of(design_of(groups, 5));
  EXPECT_EQ(markers[4].num_cells, 0);
  const auto with_all = markers_of(design_of(test::golden_cells().labels, 5));
  EXPECT_EQ(markers[0].genes[3].detected_in, with_all[0].genes[3].detected_in);
  EXPECT_NE(markers[0].genes[3].detected_out, with_all[0].genes[3].detected_out);
}

TEST(MarkerGenes, DonorsAreTheReplicatesWhereThreeOrMoreHaveCells) {
  const auto& groups = test::golden_cells().labels;
  std::vector<std::int32_t> donors;
  for (std::size_t i = 0; i < groups.size(); ++i) donors.push_back(static_cast<std::int32_t>(i % 4));
  auto design = design_of(groups, 5);
  design.donors = donors;
  design.num_donors = 4;
  design.min_cells_per_donor = 3;
  const auto by_donors = markers_of(design);
  const auto by_cells = markers_of(design_of(groups, 5));
  EXPECT_TRUE(by_donors[0].by_donors);
  EXPECT_EQ(by_donors[0].num_donors, 4);
  EXPECT_NE(by_donors[0].genes[0].p, by_cells[0].genes[0].p);
  EXPECT_EQ(by_donors[0].genes[0].auc, by_cells[0].genes[0].auc);

  design.min_cells_per_donor = 1000;
  const auto too_few = markers_of(design);
  EXPECT_FALSE(too_few[0].by_donors);
  EXPECT_EQ(too_few[0].num_donors, 0);
  EXPECT_EQ(too_few[0].genes[0].p, by_cells[0].genes[0].p);
}

TEST(MarkerGenes, DonorTestEqualsTheTTestOfPseudobulkDifferences) {
  // one gene next to another, three donors, one cell on each side: differences of log2(1 + 10,000 count / total)
  CountMatrix matrix;
  matrix.genes.index = {"a", "b"};
  const std::vector<std::pair<float, float>> cells{{10, 90}, {5, 95}, {30, 70}, {10, 90}, {20, 80}, {5, 95}};
  for (const auto& [a, b] : cells) {
    for (const std::uint32_t g : {0U, 1U}) {
      matrix.columns.push_back(g);
      matrix.counts.push_back(g == 0 ? a : b);
      matrix.logs.push_back(std::log1p(100.0F * matrix.counts.back()));
    }
    matrix.offsets.push_back(matrix.columns.size());
    matrix.totals.push_back(100.0);
  }
  const std::vector<std::int32_t> groups{0, 1, 0, 1, 0, 1};
  const std::vector<std::int32_t> donors{0, 0, 1, 1, 2, 2};
  MarkerDesign design = design_of(groups, 2);
  design.donors = donors;
  design.num_donors = 3;
  design.min_cells_per_donor = 1;
  JobContext ctx;
  const auto markers = marker_genes(matrix, design, 1, ctx);
  ASSERT_TRUE(markers.ok());
  // scipy.stats.ttest_1samp(log2(1 + [1000, 3000, 2000]) - log2(1 + [500, 1000, 500]), 0): see make.py
  EXPECT_NEAR((*markers)[0].genes[0].p, test::golden_mixture()["markers"]["donor_p"].get<double>(), 1e-9);
}

TEST(MarkerGenes, RefuseOneGroup) {
  JobContext ctx;
  const std::vector<std::int32_t> groups(300, 0);
  EXPECT_EQ(marker_genes(golden_counts(), design_of(groups, 1), 1, ctx).error().id, "E-MRK-002");
}

TEST(MarkerGenes, StopWhenCancelled) {
  JobContext ctx;
  ctx.request_cancel();
  const auto& groups = test::golden_cells().labels;
  EXPECT_EQ(marker_genes(golden_counts(), design_of(groups, 5), 1, ctx).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cw
