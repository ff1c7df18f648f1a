// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/summary.h"

#include <gtest/gtest.h>

#include <limits>

namespace cw {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Ranking small_ranking() {
  Ranking ranking;
  ranking.table.index = {"1", "2"};
  ranking.table.set(Column::of_strings("gene", {"SPI1", "CEBPA"}));
  ranking.table.set(Column::of_reals("effect", {0.0123, 0.005}));
  ranking.table.set(Column::of_reals("fdr", {0.01, 0.5}));
  ranking.table.set(Column::of_reals("progress", {0.034, 0.01}));
  RankingSummary& summary = ranking.summary;
  summary.states = {"monocyte", "B cell"};
  summary.num_perturbations = 812;
  summary.num_hits = 1;
  summary.num_cells = 120;
  summary.num_donors = 6;
  summary.num_by_donor = 812;
  summary.has_null = true;
  summary.baseline = {0.62, 1e-9, {0.57, 0.66}, 812};
  summary.stability = {{0.97, 0.0, {0.9, 0.99}, 50}, {0.96, 0.0, {0.9, 0.99}, 50}, true};
  return ranking;
}

TEST(Summary, LineSaysHitsDonorsAgreementAndStability) {
  EXPECT_EQ(
      summary_line(small_ranking().summary),
      "1 of 812 perturbations at FDR 0.05 · 120 cells · 6 donors · Spearman with the baseline 0.62 (0.57 to 0.66) · "
      "stable");
}

TEST(Summary, LineAdmitsWhatIsMissing) {
  RankingSummary summary = small_ranking().summary;
  summary.has_null = false;
  summary.num_by_donor = 0;
  summary.baseline.value = kNaN;
  summary.stability.stable = false;
  EXPECT_EQ(summary_line(summary),
            "812 perturbations, no null (no p-values) · 120 cells · cells, not donors · no baseline · not yet stable");
}

TEST(Summary, WordsNameTheTopTheTrustAndTheLimits) {
  const std::string text = describe_ranking(small_ranking());
  EXPECT_NE(text.find("SPI1 and CEBPA"), std::string::npos);
  EXPECT_NE(text.find("from 'monocyte' towards 'B cell'"), std::string::npos);
  EXPECT_NE(text.find("3.4 % of the way"), std::string::npos);
  EXPECT_NE(text.find("Donors are the replicates (6 of them)"), std::string::npos);
  EXPECT_NE(text.find("partly what the fold change says"), std::string::npos);
  EXPECT_NE(text.find("What it is not"), std::string::npos);
}

TEST(Summary, WordsWarnWhereCellsAreTheReplicatesAndTheTopMoves) {
  Ranking ranking = small_ranking();
  ranking.summary.num_by_donor = 0;
  ranking.summary.stability.stable = false;
  ranking.summary.baseline = {0.97, 1e-9, {0.96, 0.98}, 812};
  const std::string text = describe_ranking(ranking);
  EXPECT_NE(text.find("**Cells, not donors, are the replicates**"), std::string::npos);
  EXPECT_NE(text.find("not yet stable"), std::string::npos);
  EXPECT_NE(text.find("almost only what the fold change says"), std::string::npos);
}

TEST(Summary, WordsDoNotReadMoreIntoTheBaselineThanItSays) {
  Ranking ranking = small_ranking();
  ranking.summary.baseline = {-0.7, 1e-9, {-0.74, -0.66}, 812};
  EXPECT_NE(describe_ranking(ranking).find("what the fold change puts at the bottom"), std::string::npos);
  ranking.summary.baseline = {0.05, 0.5, {-0.02, 0.12}, 812};
  EXPECT_NE(describe_ranking(ranking).find("something else than the fold change"), std::string::npos);
  ranking.summary.baseline = {0.95, 0.1, {-0.1, 1.0}, 5};
  EXPECT_NE(describe_ranking(ranking).find("too few perturbations to say"), std::string::npos);
  ranking.summary.baseline = {1.0, kNaN, {kNaN, kNaN}, 3};
  const std::string text = describe_ranking(ranking) + summary_line(ranking.summary);
  EXPECT_NE(text.find("1.00 (no interval with 3 perturbations)"), std::string::npos) << text;
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

TEST(Summary, WordsSayThatStabilityIsAskedForTwice) {
  Ranking ranking = small_ranking();
  ranking.summary.stability = {{0.98, 0.0, {0.9, 0.99}, 50}, {0.90, 0.0, {0.8, 0.95}, 50}, false};
  std::string text = describe_ranking(ranking);
  EXPECT_NE(text.find("is 0.98, and was 0.90 with three quarters"), std::string::npos) << text;
  EXPECT_NE(text.find("twice in a row"), std::string::npos) << text;
  ranking.summary.stability.tau_before.value = kNaN;
  text = describe_ranking(ranking);
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

TEST(Summary, WordsSayWhatItWasComparedWith) {
  Ranking ranking = small_ranking();
  EXPECT_NE(describe_ranking(ranking).find("compared with genes of the same rank"), std::string::npos);
  ranking.summary.against_control = true;
  EXPECT_NE(describe_ranking(ranking).find("compared with the same change in the control cells"), std::string::npos);
  ranking.summary.has_null = false;
  EXPECT_NE(describe_ranking(ranking).find("no p-values"), std::string::npos);
}

TEST(Summary, JsonHasNullForWhatIsNotDefined) {
  RankingSummary summary = small_ranking().summary;
  summary.baseline = {kNaN, kNaN, {kNaN, kNaN}, 0};
  EXPECT_TRUE(to_json(summary)["spearman_effect_baseline"]["value"].is_null());
  EXPECT_EQ(to_json(summary)["hits_at_fdr_0.05"], 1);
}

}  // namespace
}  // namespace cw
