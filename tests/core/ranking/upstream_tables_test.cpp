// SPDX-License-Identifier: GPL-3.0-or-later
// The published tables against their restatement with pandas, SciPy and scikit-learn (tests/golden/ranking/make.py).
#include "core/ranking/upstream_tables.h"

#include "core/base/json.h"
#include "core/ranking/cellwright_table.h"
#include "tests/core/ranking/formula_run.h"

#include <gtest/gtest.h>

#include <string>

namespace cw {
namespace {

const Json& golden(const std::string& name) {
  static const Json values = read_json(std::string(CW_SOURCE_DIR) + "/tests/golden/ranking/golden.json").value();
  return values[name];
}

void expect_equal(const Result<Table>& result, const Json& expected) {
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Table& table = result.value();
  ASSERT_EQ(table.columns.size(), expected["names"].size());
  EXPECT_EQ(Json(table.index), expected["index"]) << "order of rows";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    EXPECT_EQ(column.name, expected["names"][c].get<std::string>());
    const Json& values = expected["columns"][column.name];
    ASSERT_EQ(column.size(), static_cast<std::int64_t>(values.size()));
    for (std::int64_t row = 0; row < column.size(); ++row) {
      const auto i = static_cast<std::size_t>(row);
      if (values[i].is_null()) {
        EXPECT_EQ(column.text(row), "") << column.name;
      } else if (column.kind == ColumnKind::kReal) {
        const double wanted = values[i].get<double>();
        EXPECT_NEAR(column.reals[i], wanted, 1e-9 * std::max(1e-6, std::abs(wanted))) << column.name << " row " << row;
      } else {
        EXPECT_EQ(column.text(row), values[i].is_string() ? values[i].get<std::string>() : values[i].dump())
            << column.name;
      }
    }
  }
}

TEST(UpstreamTables, GoalStateShiftEqualsThePublishedOne) {
  JobContext context;
  expect_equal(upstream_goal_table(test::formula_run(60, 50, {"s", "g"}, 1, false), 2, context), golden("goal"));
}

TEST(UpstreamTables, GoalStateShiftWithAlternativesEqualsThePublishedOne) {
  JobContext context;
  expect_equal(upstream_goal_table(test::formula_run(60, 50, {"s", "g", "a", "b"}, 2, false), 2, context),
               golden("goal_alternatives"));
}

TEST(UpstreamTables, PoolOfMoreThanAHundredThousandValuesIsSampledAsPythonDoes) {
  JobContext context;
  expect_equal(upstream_goal_table(test::formula_run(260, 400, {"s", "g"}, 3, true), 2, context),
               golden("goal_large_pool"));
}

TEST(UpstreamTables, VsNullEqualsThePublishedOneAlsoForGenesThatTheNullLacks) {
  JobContext context;
  Effects null_run = test::formula_run(120, 30, {}, 6, false);
  std::vector<std::int32_t> cell;
  std::vector<std::int32_t> perturbation;
  std::vector<float> cosine;
  for (std::size_t row = 0; row < null_run.cell.size(); ++row) {
    if (null_run.perturbations[static_cast<std::size_t>(null_run.perturbation[row])].tokens[0] % 7 == 0) continue;
    cell.push_back(null_run.cell[row]);
    perturbation.push_back(null_run.perturbation[row]);
    cosine.push_back(null_run.cosine[row]);
  }
  null_run.cell = cell;
  null_run.perturbation = perturbation;
  null_run.cosine = cosine;
  expect_equal(upstream_null_table(test::formula_run(120, 40, {}, 5, false), null_run, 2, context), golden("null"));
}

TEST(UpstreamTables, MixtureEqualsThePublishedOneWithItsComponentsInOrder) {
  expect_equal(upstream_mixture_table(test::formula_run(120, 40, {}, 5, false)), golden("mixture"));
}

// Values 0, 1, 2 of the formula serve as anchor, single and both.
Effects anchored_run() {
  const Effects source = test::formula_run(40, 25, {"x", "y", "z"}, 8, true);
  Effects run;
  test::add_cells(run, 25);
  for (const Perturbation& gene : source.perturbations) {
    // The published output had the anchor's value per other gene, so each gene gets an anchor of its own here.
    const std::int32_t token = gene.tokens[0];
    run.perturbations.push_back(test::perturbation_of({20000 + token}, "anchor"));
    run.perturbations.push_back(test::perturbation_of({token}));
    run.perturbations.push_back(test::perturbation_of({token, 20000 + token}, "pair"));
  }
  for (std::size_t row = 0; row < source.cell.size(); ++row) {
    for (std::int32_t value = 0; value < 3; ++value) {
      test::add_row(run, source.cell[row], 3 * source.perturbation[row] + value,
                    {source.cosine[3 * row + static_cast<std::size_t>(value)]});
    }
  }
  return run;
}

TEST(UpstreamTables, PairsEqualTheDefinitionForTriples) {
  expect_equal(upstream_pairs_table(anchored_run()), golden("pairs"));
}

TEST(UpstreamTables, PairsOfAListNameBothGenes) {
  Effects run = anchored_run();
  for (Perturbation& perturbation : run.perturbations) {
    if (perturbation.role == "anchor") perturbation.role = "single";
  }
  const auto table = upstream_pairs_table(run);
  ASSERT_TRUE(table.ok());
  const Column* first = table->find("Anchor");
  ASSERT_NE(first, nullptr);
  ASSERT_NE(table->find("Anchor_gene_name"), nullptr);
  for (std::int64_t row = 0; row < table->num_rows(); ++row) {
    const auto one = std::stoi(first->text(row));
    const auto other = std::stoi(table->find("Gene")->text(row));
    EXPECT_EQ(std::abs(one - other), 20000) << "not the two genes of one pair";
    EXPECT_EQ(table->find("Anchor_gene_name")->text(row), "SYM" + std::to_string(one));
  }
}

TEST(UpstreamTables, AggregateGivesOneRowPerCellAndRestartsTheIndex) {
  Effects run;
  test::add_cells(run, 2);
  run.perturbations = {test::perturbation_of({7}), test::perturbation_of({5, 6}, "group")};
  test::add_row(run, 0, 0, {0.5F});
  test::add_row(run, 1, 0, {0.25F});
  test::add_row(run, 1, 1, {0.75F});
  const auto table = upstream_aggregate_table(run);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->index, (std::vector<std::string>{"0", "0", "1"}));
  EXPECT_EQ(table->columns[0].name, "Cosine_sim");
  EXPECT_EQ(table->columns[0].reals, (std::vector<double>{0.75, 0.5, 0.25}));
  EXPECT_EQ(table->columns[1].strings, (std::vector<std::string>{"('SYM5', 'SYM6')", "SYM7", "SYM7"}));
}

TEST(UpstreamTables, GeneEffectsListTheCellFirstThenAscendingMeans) {
  Effects run;
  test::add_cells(run, 2);
  run.perturbations = {test::perturbation_of({7})};
  run.genes = {{3, "ENSG3", "A"}, {4, "ENSG4", "B"}};
  test::add_row(run, 0, 0, {0.5F});
  test::add_row(run, 1, 0, {1.0F});
  run.gene_effects = {{0, 0}, {3, 4}, {0.75F, 0.5F}, {0.0F, 0.125F}, {2, 2}};
  const auto table = upstream_gene_effects_table(run);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->find("Affected")->strings, (std::vector<std::string>{"cell_emb", "4", "3"}));
  EXPECT_EQ(table->find("Cosine_sim_mean")->reals, (std::vector<double>{0.75, 0.5, 0.75}));
  EXPECT_EQ(table->find("Cosine_sim_stdev")->reals, (std::vector<double>{0.25, 0.125, 0.0}));
  EXPECT_EQ(table->find("Affected_gene_name")->strings, (std::vector<std::string>{"", "B", "A"}));
  EXPECT_EQ(table->find("Perturbed")->strings, (std::vector<std::string>{"7", "7", "7"}));
}

TEST(UpstreamTables, AListGivesOneRowOfMeanShifts) {
  JobContext context;
  Effects run;
  run.states = {"s", "g", "alt"};
  test::add_cells(run, 2);
  run.perturbations = {test::perturbation_of({5, 6}, "group")};
  test::add_row(run, 0, 0, {0.0F, 0.5F, 0.25F});
  test::add_row(run, 1, 0, {0.0F, 1.0F, 0.75F});
  const auto table = upstream_goal_table(run, 1, context);
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->columns.size(), 2U);
  EXPECT_EQ(table->columns[0].name, "Shift_to_goal_end");
  EXPECT_EQ(table->columns[0].reals, (std::vector<double>{0.75}));
  EXPECT_EQ(table->columns[1].name, "Shift_to_alt_end_alt");
  EXPECT_EQ(table->columns[1].reals, (std::vector<double>{0.5}));
}

TEST(UpstreamTables, RefuseRunsThatDoNotHoldWhatTheTableIsAbout) {
  JobContext context;
  const Effects similarities = test::formula_run(10, 5, {}, 1, true);
  const Effects shifts = test::formula_run(10, 5, {"s", "g"}, 1, true);
  EXPECT_EQ(upstream_goal_table(similarities, 1, context).error().id, "E-RNK-001");
  EXPECT_EQ(upstream_mixture_table(shifts).error().id, "E-RNK-001");
  EXPECT_EQ(upstream_null_table(shifts, shifts, 1, context).error().id, "E-RNK-001");
  EXPECT_EQ(upstream_pairs_table(similarities).error().id, "E-RNK-001");
  EXPECT_EQ(upstream_gene_effects_table(similarities).error().id, "E-RNK-001");
}

// A run with pairs that no cell has must not be told to use --how pairs.
TEST(UpstreamTables, SayWhyPairsAreMissing) {
  JobContext context;
  RankingOptions pairs_only;
  pairs_only.pairs_only = true;
  const auto reason = [&](const Effects& run) {
    const auto published = upstream_pairs_table(run);
    const auto own = rank_perturbations(run, nullptr, pairs_only, context);
    EXPECT_FALSE(published.ok() || own.ok());
    if (published.ok() || own.ok()) return std::string();
    EXPECT_EQ(published.error().message.find(own.error().message), 0U) << "two reasons for one lack";
    return own.error().message;
  };
  EXPECT_NE(reason(test::formula_run(10, 5, {}, 1, true)).find("perturbed no pairs"), std::string::npos);

  Effects run;
  test::add_cells(run, 2);
  run.perturbations = {test::perturbation_of({1}), test::perturbation_of({2}), test::perturbation_of({1, 2}, "pair")};
  test::add_row(run, 0, 0, {0.9F});
  test::add_row(run, 1, 1, {0.9F});
  const std::string apart = reason(run);
  EXPECT_NE(apart.find("0 of the run's 1 pair has cells"), std::string::npos) << apart;
  EXPECT_NE(apart.find("detected together"), std::string::npos) << apart;
  EXPECT_EQ(apart.find("--how"), std::string::npos) << apart;
  run.complete = false;
  EXPECT_NE(reason(run).find("cellwright resume"), std::string::npos);
}

TEST(UpstreamTables, AnswerACancel) {
  JobContext context;
  context.request_cancel();
  const auto table = upstream_goal_table(test::formula_run(10, 5, {"s", "g"}, 1, true), 1, context);
  EXPECT_EQ(table.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cw
