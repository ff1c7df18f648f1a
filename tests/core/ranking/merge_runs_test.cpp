// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/merge_runs.h"

#include "core/ranking/control_run.h"
#include "tests/core/ranking/formula_run.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cw {
namespace {

/// Keeps the warnings of a job.
class WarningSink : public JobSink {
 public:
  void progress(double, std::int64_t, std::int64_t, std::string_view) override {}
  void event(std::string_view type, const Json& fields) override {
    if (type == "warning") text += fields.dump();
  }
  std::string text;
};

Effects part(std::vector<std::int32_t> tokens, int first_cell, int end_cell) {
  Effects run;
  run.provenance = {{"model", {{"weights_sha256", "m"}}},
                    {"dictionary", {{"vocabulary_sha256", "v"}}},
                    {"options", {{"requests", {{{"kind", "delete"}, {"genes", {"all"}}}}}}}};
  for (const std::int32_t token : tokens) run.perturbations.push_back(test::perturbation_of({token}));
  for (int c = first_cell; c < end_cell; ++c) {
    run.cells.push_back({"cell" + std::to_string(c), c, 100, "", ""});
    for (std::size_t p = 0; p < tokens.size(); ++p) {
      test::add_row(run, c - first_cell, static_cast<std::int32_t>(p),
                    {static_cast<float>(tokens[p]) + 0.01F * static_cast<float>(c)}, c);
    }
  }
  return run;
}

TEST(MergeRuns, PutsOtherCellsAndOtherGenesTogether) {
  JobContext context;
  const auto merged = merge_runs({{"a", part({5, 3}, 0, 4)}, {"b", part({3, 9}, 4, 6)}}, context);
  ASSERT_TRUE(merged.ok()) << merged.error().message;
  EXPECT_EQ(merged->cells.size(), 6U);
  ASSERT_EQ(merged->perturbations.size(), 3U);
  ASSERT_EQ(merged->cell.size(), 12U);
  for (std::size_t row = 0; row < 12; ++row) {
    const auto& perturbation = merged->perturbations[static_cast<std::size_t>(merged->perturbation[row])];
    const auto& cell = merged->cells[static_cast<std::size_t>(merged->cell[row])];
    EXPECT_FLOAT_EQ(merged->cosine[row],
                    static_cast<float>(perturbation.tokens[0]) + 0.01F * static_cast<float>(cell.source_row));
    EXPECT_EQ(merged->rank[row], cell.source_row);
  }
  EXPECT_TRUE(check_rows(*merged, *merged, "merged").ok());
}

TEST(MergeRuns, KeepsCellsOfDifferentFilesApart) {
  JobContext context;
  Effects other = part({5}, 0, 3);
  Effects first = other;
  first.provenance["tokens"] = {{"sha256", "one"}};
  other.provenance["tokens"] = {{"sha256", "two"}};  // the same barcodes in the same rows
  const auto merged = merge_runs({{"a", first}, {"b", other}}, context);
  ASSERT_TRUE(merged.ok()) << merged.error().message;
  EXPECT_EQ(merged->cells.size(), 6U);
  EXPECT_EQ(merged->cell.size(), 6U);
}

TEST(MergeRuns, TakesRepeatedResultsFromTheFirstAndSaysSo) {
  WarningSink sink;
  JobContext context(&sink, std::make_shared<std::atomic<bool>>(false));
  Effects again = part({5}, 0, 3);
  for (float& value : again.cosine) value = -1.0F;
  const auto merged = merge_runs({{"a", part({5}, 0, 4)}, {"b", again}}, context);
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(merged->cell.size(), 4U);
  EXPECT_GT(merged->cosine[0], 0.0F);
  EXPECT_NE(sink.text.find("W-RNK-002"), std::string::npos);
}

TEST(MergeRuns, PoolsEffectsOnGenes) {
  JobContext context;
  Effects a = part({5}, 0, 2);
  a.genes = {{7, "ENSG7", "G"}};
  a.gene_effects = {{0}, {7}, {1.0F}, {0.0F}, {1}};
  Effects b = part({5}, 2, 5);
  b.genes = {{7, "ENSG7", "G"}};
  b.gene_effects = {{0}, {7}, {0.5F}, {0.1F}, {3}};
  const auto merged = merge_runs({{"a", a}, {"b", b}}, context);
  ASSERT_TRUE(merged.ok());
  ASSERT_EQ(merged->gene_effects.n, (std::vector<std::int32_t>{4}));
  EXPECT_NEAR(merged->gene_effects.mean[0], 0.625F, 1e-6);
  // Values 1, and three of mean 0.5 and variance 0.01.
  EXPECT_NEAR(merged->gene_effects.sd[0], std::sqrt((0.140625 + 3 * (0.01 + 0.015625)) / 4), 1e-6);
}

TEST(MergeRuns, CountsEffectsOnGenesOfSharedCellsOnce) {
  WarningSink sink;
  JobContext context(&sink, std::make_shared<std::atomic<bool>>(false));
  const auto with_gene = [](Effects run, float mean, std::int32_t n) {
    run.genes = {{7, "ENSG7", "G"}};
    run.gene_effects = {{0}, {7}, {mean}, {0.0F}, {n}};
    return run;
  };
  const NamedRun first{"a", with_gene(part({5}, 0, 4), 0.5F, 4)};
  const auto again = merge_runs({first, {"b", first.effects}}, context);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->gene_effects.n, (std::vector<std::int32_t>{4}));
  EXPECT_EQ(sink.text.find("W-RNK-006"), std::string::npos) << "nothing is lost where all cells are the same";
  const auto partly = merge_runs({first, {"b", with_gene(part({5}, 2, 6), 1.0F, 4)}}, context);
  ASSERT_TRUE(partly.ok());
  EXPECT_EQ(partly->cell.size(), 6U);
  EXPECT_EQ(partly->gene_effects.n, (std::vector<std::int32_t>{4}));
  EXPECT_EQ(partly->gene_effects.mean, (std::vector<float>{0.5F}));
  EXPECT_NE(sink.text.find("W-RNK-006"), std::string::npos);
}

TEST(MergeRuns, RefusesOtherModelsAndStatesWithBothNames) {
  JobContext context;
  Effects other_model = part({5}, 4, 6);
  other_model.provenance["model"]["weights_sha256"] = "n";
  const auto merged = merge_runs({{"first", part({5}, 0, 4)}, {"second", other_model}}, context);
  ASSERT_FALSE(merged.ok());
  EXPECT_EQ(merged.error().id, "E-RNK-002");
  EXPECT_EQ(merged.error().code, ErrorCode::kRefused);
  EXPECT_NE(merged.error().message.find("first"), std::string::npos);
  EXPECT_NE(merged.error().message.find("second"), std::string::npos);

  Effects other_states = test::formula_run(3, 4, {"s", "g"}, 1, true);
  other_states.provenance = part({5}, 0, 1).provenance;
  EXPECT_EQ(merge_runs({{"a", part({5}, 0, 4)}, {"b", other_states}}, context).error().id, "E-RNK-002");
}

TEST(MergeRuns, SaysWhichRunIsNotComplete) {
  WarningSink sink;
  JobContext context(&sink, std::make_shared<std::atomic<bool>>(false));
  Effects stopped = part({5}, 0, 4);
  stopped.complete = false;
  ASSERT_TRUE(merge_runs({{"half", stopped}}, context).ok());
  EXPECT_NE(sink.text.find("W-RNK-003"), std::string::npos);
}

TEST(ControlRun, ComparesTheSamePerturbationInOtherCells) {
  const Effects run = test::formula_run(30, 40, {}, 5, true);
  Effects control = test::formula_run(30, 40, {}, 6, true);
  for (float& value : control.cosine) value = std::min(1.0F, value + 0.02F);  // nothing happens in the control cells
  control.perturbations.pop_back();
  control.perturbations.push_back(test::perturbation_of({9999}));
  const RunRows rows(run);
  const auto gathered = gather_outcome(run, rows, 0);
  const DonorLayout donors(run.cells);
  const auto outcome = summarise_outcome(rows, gathered, donor_means(rows, gathered, donors), nullptr, 2);
  const auto compared = compare_with_control(run, rows, gathered, outcome, control, 0, 2);
  EXPECT_NEAR(compared[0].mean, 0.0, 1e-6);
  EXPECT_LT(compared[0].p, 1e-6);
  EXPECT_GT(compared[0].z, 3.0);
  EXPECT_TRUE(std::isnan(compared[29].p));
}

}  // namespace
}  // namespace cw
