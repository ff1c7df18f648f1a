// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/splits.h"

#include "core/base/random.h"
#include "core/evaluate/association.h"
#include "core/evaluate/balanced_split.h"
#include "core/evaluate/split_file.h"
#include "core/evaluate/split_report.h"
#include "core/stats/distributions.h"
#include "core/tokenize/tokenized_cells.h"
#include "tests/core/evaluate/golden.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

namespace cw {
namespace {

/// 12 donors of different sizes with three cell types; donor 11 lacks type C.
Table donors_table() {
  Table table;
  std::vector<std::string> donor, type, sex;
  std::vector<double> age;
  for (int d = 0; d < 12; ++d) {
    for (int i = 0; i < 20 + 7 * d; ++i) {
      table.index.push_back("cell" + std::to_string(table.index.size()));
      donor.push_back("donor" + std::to_string(d));
      type.push_back(i % 5 == 0 && d != 11 ? "C" : i % 2 == 0 ? "B" : "A");
      sex.push_back(d % 2 == 0 ? "f" : "m");
      age.push_back(30.0 + d);
    }
  }
  table.set(Column::of_strings("donor", donor));
  table.set(Column::of_strings("type", type));
  table.set(Column::of_strings("sex", sex));
  table.set(Column::of_reals("age", age));
  return table;
}

SplitDesign design_of(const Table& table, const std::string& group = "auto") {
  return split_design(table, "type", group).value();
}

std::map<std::int32_t, std::set<Part>> parts_of_groups(const SplitDesign& design, const Split& split) {
  std::map<std::int32_t, std::set<Part>> parts;
  for (std::size_t i = 0; i < design.groups.size(); ++i) parts[design.groups[i]].insert(split.parts[i]);
  return parts;
}

TEST(Splits, TakeTheDonorColumnByItself) {
  EXPECT_EQ(find_group_column(donors_table()), "donor");
  const auto design = design_of(donors_table());
  EXPECT_EQ(design.group_column, "donor");
  EXPECT_EQ(design.classes, (std::vector<std::string>{"A", "B", "C"}));
  EXPECT_FALSE(design_of(donors_table(), "none").by_group());
}

TEST(Splits, TakeSamplesForDonorsOnlyWhereTheDonorsAreNotKnown) {
  const std::vector<std::string> samples = {"s1", "s1", "s2", "s2"};
  const std::vector<std::string> pair = {"p1", "p1", "p2", "p2"};
  Table table;
  table.set(Column::of_strings("condition", {"ctrl", "ctrl", "stim", "stim"}));
  table.set(Column::of_strings("sample_id", samples));
  EXPECT_EQ(find_group_column(table), "sample_id");
  table.set(Column::of_strings("donor", {"101", "101", "101", "101"}));
  EXPECT_EQ(find_group_column(table), "") << "both samples are of one donor";
  table.set(Column::of_strings("Patient ID", pair));
  EXPECT_EQ(find_group_column(table), "Patient ID");
  table.set(Column::of_strings("donor.id", pair));
  EXPECT_EQ(find_group_column(table), "donor.id") << "the surest name";
  for (const char* name : {"donor_id", "PatientName", "subject", "mouse.id", "sample"}) {
    EXPECT_TRUE(names_donors(name)) << name;
  }
  for (const char* name : {"id", "donors_age", "sampling", "batch", ""}) EXPECT_FALSE(names_donors(name)) << name;
}

TEST(Splits, AHoldoutKeepsDonorsWholeAndClassesEven) {
  const auto design = design_of(donors_table());
  const auto split = holdout_split(design, {0.2, 0.25, 42}).value();
  std::map<Part, int> donors;
  for (const auto& [group, parts] : parts_of_groups(design, split)) {
    ASSERT_EQ(parts.size(), 1U) << design.group_names[static_cast<std::size_t>(group)];
    ++donors[*parts.begin()];
  }
  EXPECT_EQ(donors[Part::kTest], 3);
  EXPECT_EQ(donors[Part::kValidation], 2);  // 2.4 rounds to 2
  EXPECT_EQ(donors[Part::kTrain], 7);
  const auto classes = class_parts(design, split);
  for (const auto& row : classes) {
    const double all = static_cast<double>(row.cells[1] + row.cells[2] + row.cells[3]);
    EXPECT_NEAR(static_cast<double>(row.cells[static_cast<std::size_t>(Part::kTest)]) / all, 0.25, 0.05) << row.name;
  }
  EXPECT_TRUE(find_group_leaks(design, split).empty());
  EXPECT_EQ(holdout_split(design, {0.2, 0.25, 42}).value().parts, split.parts);
  EXPECT_NE(holdout_split(design, {0.2, 0.25, 43}).value().parts, split.parts);
}

TEST(Splits, AHoldoutByCellIsStratified) {
  const auto design = design_of(donors_table(), "none");
  const auto split = holdout_split(design, {0.1, 0.2, 1}).value();
  const auto rows = class_parts(design, split);
  for (std::size_t c = 0; c < 3; ++c) {
    const double all = static_cast<double>(rows[c].cells[1] + rows[c].cells[2] + rows[c].cells[3]);
    EXPECT_NEAR(static_cast<double>(rows[c].cells[3]), 0.2 * all, 0.5001);
    EXPECT_NEAR(static_cast<double>(rows[c].cells[2]), 0.1 * all, 0.5001);
  }
}

TEST(Splits, FoldsCoverEveryCellOnceAndKeepDonorsWhole) {
  const auto design = design_of(donors_table());
  const auto split = kfold_split(design, 5, 42).value();
  std::map<std::int32_t, std::set<std::int32_t>> folds_of_donor;
  std::map<std::int32_t, int> cells;
  for (std::size_t i = 0; i < split.folds.size(); ++i) {
    ASSERT_GE(split.folds[i], 0);
    ASSERT_LT(split.folds[i], 5);
    folds_of_donor[design.groups[i]].insert(split.folds[i]);
    ++cells[split.folds[i]];
  }
  for (const auto& [donor, folds] : folds_of_donor) EXPECT_EQ(folds.size(), 1U);
  const double fair = static_cast<double>(split.folds.size()) / 5.0;
  // donor 11 has no C, so the fold that it is in holds more cells for the sake of an even share of C
  for (const auto& [fold, count] : cells) EXPECT_NEAR(count, fair, 0.15 * fair) << fold;

  std::vector<int> tested(split.folds.size(), 0);
  for (int fold = 0; fold < 5; ++fold) {
    const auto parts = fold_parts(design, split, fold, 0.2, 7).value();
    for (std::size_t i = 0; i < tested.size(); ++i) tested[i] += parts.parts[i] == Part::kTest ? 1 : 0;
    EXPECT_FALSE(parts.rows(Part::kValidation).empty());
    for (const auto& [donor, all] : parts_of_groups(design, parts)) EXPECT_EQ(all.size(), 1U);
  }
  EXPECT_EQ(tested, std::vector<int>(tested.size(), 1));
}

TEST(Splits, FoldsByCellDifferByOneCellAtMost) {
  const auto design = design_of(donors_table(), "none");
  const auto split = kfold_split(design, 7, 3).value();
  std::map<std::int32_t, std::int64_t> cells;
  for (const auto fold : split.folds) ++cells[fold];
  const auto [least, most] =
      std::minmax_element(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  EXPECT_LE(most->second - least->second, 1);
}

TEST(Splits, AClassOfOneDonorIsTrainedOn) {
  Table table = donors_table();
  std::vector<std::string> type;
  for (std::int64_t i = 0; i < table.num_rows(); ++i) {
    type.push_back(table.find("donor")->text(i) == "donor3" ? "rare" : table.find("type")->text(i));
  }
  table.set(Column::of_strings("type", type));
  const auto design = design_of(table);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto rows = class_parts(design, holdout_split(design, {0.1, 0.2, seed}).value());
    EXPECT_EQ(rows[3].name, "rare");
    EXPECT_GT(rows[3].cells[static_cast<std::size_t>(Part::kTrain)], 0) << seed;
    EXPECT_EQ(rows[3].total_donors, 1);
  }
}

TEST(Splits, CellsWithoutLabelOrDonorAreNotUsed) {
  Table table = donors_table();
  Column type = *table.find("type");
  type.strings[5] = "";
  type.missing.assign(type.strings.size(), 0);
  type.missing[5] = 1;
  table.set(type);
  Column donor = *table.find("donor");
  donor.missing.assign(donor.strings.size(), 0);
  donor.missing[9] = 1;
  table.set(donor);
  const auto split = kfold_split(design_of(table), 4, 1).value();
  for (std::size_t i = 0; i < split.folds.size(); ++i) EXPECT_EQ(split.folds[i] < 0, i == 5 || i == 9) << i;
}

TEST(Splits, ANumberIsSplitEvenlyOverItsRange) {
  Table table = donors_table();
  std::vector<double> score;
  for (std::int64_t i = 0; i < table.num_rows(); ++i) score.push_back(static_cast<double>((i * 37) % 101));
  table.set(Column::of_reals("score", score));
  const auto design = split_design(table, "score", "none", true).value();
  EXPECT_EQ(design.classes.size(), 5U);
  std::map<std::int32_t, int> sizes;
  for (const auto label : design.labels) ++sizes[label];
  const double fair = static_cast<double>(table.num_rows()) / 5.0;
  for (const auto& [label, size] : sizes) EXPECT_NEAR(size, fair, 0.1 * fair) << label;
  EXPECT_EQ(split_design(table, "type", "none", true).error().id, "E-EVA-003");
}

TEST(Splits, RefuseWhatCannotBeSplit) {
  const Table table = donors_table();
  Table one = table;
  one.set(Column::of_strings("type", std::vector<std::string>(table.index.size(), "same")));
  EXPECT_EQ(split_design(one, "type", "auto").error().id, "E-EVA-001");
  one.set(Column::of_strings("lane", std::vector<std::string>(table.index.size(), "L1")));
  EXPECT_EQ(split_design(table, "type", "type").error().id, "E-EVA-002");
  EXPECT_EQ(split_design(one, "sex", "lane").error().id, "E-EVA-002");
  EXPECT_EQ(split_design(table, "nothing", "auto").error().code, ErrorCode::kNotFound);
  const auto design = design_of(table);
  EXPECT_EQ(holdout_split(design, {0.5, 0.5, 1}).error().id, "E-EVA-004");
  EXPECT_EQ(kfold_split(design, 1, 1).error().id, "E-EVA-004");
  EXPECT_EQ(kfold_split(design, 13, 1).error().id, "E-EVA-005");
  const auto sexes = split_design(table, "type", "sex").value();
  EXPECT_EQ(holdout_split(sexes, {0.1, 0.1, 1}).error().id, "E-EVA-005");
}

TEST(BalancedSplits, UseTheTrialThatTheyReport) {
  const Table table = donors_table();
  const auto design = design_of(table);
  BalanceOptions options;
  options.shares = {0.0, 0.33, 5};
  const auto balanced = balanced_split(design, table, {"age", "sex"}, options).value();
  const auto& trial = balanced.test_trials.at(static_cast<std::size_t>(balanced.test_trial));
  for (const double p : trial.p) EXPECT_GE(p, options.threshold);
  std::set<std::int32_t> held_out;
  for (const auto& [group, parts] : parts_of_groups(design, balanced.split)) {
    ASSERT_EQ(parts.size(), 1U);
    if (*parts.begin() == Part::kTest) held_out.insert(group);
  }
  EXPECT_EQ(held_out, std::set<std::int32_t>(trial.held_out.begin(), trial.held_out.end()));
  EXPECT_EQ(balanced.test_trials.size(), static_cast<std::size_t>(balanced.test_trial) + 1);
}

TEST(BalancedSplits, TakeTheBestTrialWhenNoneIsGoodEnough) {
  const Table table = donors_table();
  BalanceOptions options;
  options.shares = {0.0, 0.33, 5};
  options.threshold = 1.1;  // never met
  options.max_trials = 40;
  const auto balanced = balanced_split(design_of(table), table, {"age", "sex"}, options).value();
  ASSERT_EQ(balanced.test_trials.size(), 40U);
  double best = 0.0;
  for (const auto& trial : balanced.test_trials) best = std::max(best, trial.mean_p);
  EXPECT_EQ(balanced.test_trials.at(static_cast<std::size_t>(balanced.test_trial)).mean_p, best);
  EXPECT_LT(balanced.test_trials.back().mean_p, best);  // the last trial is another one
}

TEST(BalancedSplits, RefuseWhatDiffersWithinADonor) {
  const Table table = donors_table();
  EXPECT_EQ(balanced_split(design_of(table), table, {"type"}, {}).error().id, "E-EVA-006");
  EXPECT_EQ(balanced_split(design_of(table, "none"), table, {"sex"}, {}).error().id, "E-EVA-006");
  BalanceOptions shares;
  shares.shares.test = 0.0;
  EXPECT_EQ(balanced_split(design_of(table), table, {"sex"}, shares).error().id, "E-EVA-004");
}

TEST(Leaks, NameTheDonorOnBothSides) {
  const auto design = design_of(donors_table());
  auto split = holdout_split(design, {0.0, 0.25, 42}).value();
  const auto moved = static_cast<std::size_t>(split.rows(Part::kTest).front());
  split.parts[moved] = Part::kTrain;
  const auto leaks = find_group_leaks(design, split);
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_EQ(leaks[0].id, "W-EVA-001");
  EXPECT_EQ(leaks[0].examples,
            std::vector<std::string>{design.group_names[static_cast<std::size_t>(design.groups[moved])]});
}

TEST(Leaks, FindAndRemoveCopiesOfCells) {
  const auto cells = TokenizedCells::from_memory({{5, 6, 7}, {5, 7, 6}, {5, 6, 7}, {8}, {5, 6}}, {}, {});
  const auto content = content_of(cells);
  EXPECT_EQ(content[0], content[2]);
  EXPECT_NE(content[0], content[1]);
  EXPECT_NE(content[0], content[4]);
  Split split;
  split.parts = {Part::kTest, Part::kTrain, Part::kTrain, Part::kTest, Part::kTest};
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  const auto leaks = find_duplicate_cells(split, content, names);
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_EQ(leaks[0].id, "W-EVA-002");
  EXPECT_EQ(leaks[0].examples, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(leave_out_duplicates(split, content), 1);
  EXPECT_EQ(split.parts[0], Part::kUnused);
  EXPECT_EQ(split.parts[2], Part::kTrain);
  EXPECT_TRUE(find_duplicate_cells(split, content, names).empty());
}

TEST(Leaks, FindGenesInTwoSets) {
  const std::vector<NamedGenes> sets{{"sensitive", {"GATA4", "TBX5"}}, {"insensitive", {"TBX5", "ACTB", "ACTB"}}};
  const auto leaks = find_gene_leaks(sets);
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_EQ(leaks[0].count, 1);
  EXPECT_NE(leaks[0].text.find("TBX5 (sensitive, insensitive)"), std::string::npos) << leaks[0].text;
}

TEST(Association, AgreesWithSciPy) {
  const auto& v = test::golden()["cramers_v"];
  EXPECT_NEAR(cramers_v(v["a"].get<std::vector<std::int32_t>>(), v["b"].get<std::vector<std::int32_t>>()),
              v["v"].get<double>(), 1e-12);
  for (const auto& row : test::golden()["chi2"]) {
    EXPECT_NEAR(chi_squared_upper_p(row[0], row[1]), row[2].get<double>(), 1e-12);
  }
}

TEST(Association, NamesTechnicalColumnsThatFollowTheLabel) {
  Table table = donors_table();
  std::vector<std::string> batch;
  for (std::int64_t i = 0; i < table.num_rows(); ++i) batch.push_back(table.find("type")->text(i) == "A" ? "1" : "2");
  table.set(Column::of_strings("seq_batch", batch));
  const auto found = label_associations(design_of(table), table, {}).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].column, "seq_batch");
  EXPECT_TRUE(found[0].confounded);
  EXPECT_FALSE(label_associations(design_of(table), table, {"sex"}).value().at(0).confounded);
}

class SplitFile : public ScratchFolderTest {
 protected:
  [[nodiscard]] std::string file(const std::string& text) const {
    const auto path = folder_ / "split.csv";
    std::ofstream(path) << text;
    return path.string();
  }
};

TEST_F(SplitFile, NamesCellsOrDonors) {
  const Table table = donors_table();
  const auto design = design_of(table);
  const auto by_cell = read_split(file("cell,part\ncell0,train\ncell1,test\ncell2,valid\n"), table, design).value();
  EXPECT_EQ(by_cell.rows(Part::kTrain), std::vector<std::int64_t>{0});
  EXPECT_EQ(by_cell.rows(Part::kValidation), std::vector<std::int64_t>{2});
  const auto by_donor = read_split(file("donor,split\ndonor0,train\ndonor1,test\n"), table, design).value();
  EXPECT_EQ(by_donor.rows(Part::kTrain).size(), 20U);
  EXPECT_EQ(by_donor.rows(Part::kTest).size(), 27U);
  const auto folds = read_split(file("donor,fold\ndonor0,0\ndonor1,1\n"), table, design).value();
  EXPECT_EQ(folds.num_folds, 2);
  EXPECT_EQ(folds.folds[0], 0);
  EXPECT_EQ(folds.folds[20], 1);
  EXPECT_EQ(folds.folds[47], -1);
}

TEST_F(SplitFile, RefusesWhatCannotBeUsed) {
  const Table table = donors_table();
  const auto design = design_of(table);
  const auto error = [&](const std::string& text) { return read_split(file(text), table, design).error(); };
  EXPECT_EQ(error("cell,colour\ncell0,red\n").id, "E-EVA-007");
  EXPECT_EQ(error("cell,part\nnobody,train\n").id, "E-EVA-007");
  EXPECT_EQ(error("cell,part\ncell0,train\n").id, "E-EVA-008");
  EXPECT_EQ(error("cell,part\ncell0,sometimes\n").id, "E-EVA-009");
  EXPECT_EQ(error("cell,fold\ncell0,two\n").id, "E-EVA-009");
}

}  // namespace
}  // namespace cw
