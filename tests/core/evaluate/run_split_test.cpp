// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/run_split.h"

#include "core/base/files.h"
#include "core/evaluate/outlook.h"
#include "core/io/label_table.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <random>

namespace cw {
namespace {

const std::string kKang = std::string(CW_TEST_DATA) + "/datasets/kang_pbmc_labelled.h5ad";

class RunSplit : public ScratchFolderTest {
 protected:
  [[nodiscard]] SplitOptions options() const {
    SplitOptions options;
    options.input = kKang;
    options.label = "cell_type";
    options.output = (folder_ / "split.csv").string();
    return options;
  }
};

TEST_F(RunSplit, WritesPartsOfRealCells) {
  auto wanted = options();
  wanted.group = "none";
  wanted.test = 0.2;
  JobContext ctx;
  const Json result = run_split(wanted, ctx).value();
  EXPECT_EQ(result["cells"], 954);
  const Table table = read_label_table(wanted.output).value();
  EXPECT_EQ(table.num_rows(), 954);
  std::map<std::string, int> parts;
  for (std::int64_t i = 0; i < 954; ++i) ++parts[table.find("part")->text(i)];
  EXPECT_NEAR(parts["test"], 954 * 0.2, 3.0);
  EXPECT_NEAR(parts["validation"], 954 * 0.1, 3.0);
  EXPECT_EQ(parts["unused"], 0);
  const Json provenance = read_json(wanted.output + ".provenance.json").value();
  EXPECT_EQ(provenance["options"]["label"], "cell_type");
  EXPECT_EQ(run_split(wanted, ctx).error().id, "E-IO-005");
}

TEST_F(RunSplit, ReadsItsOwnFileBack) {
  auto wanted = options();
  wanted.group = "none";
  wanted.folds = 4;
  JobContext ctx;
  ASSERT_TRUE(run_split(wanted, ctx).ok());
  auto again = options();
  again.group = "none";
  again.from = wanted.output;
  again.output = (folder_ / "again.csv").string();
  EXPECT_EQ(run_split(again, ctx).value()["folds"], 4);
  EXPECT_EQ(read_file(again.output).value(), read_file(wanted.output).value());
}

TEST_F(RunSplit, ChecksTheQuestionOnRealCells) {
  auto wanted = options();
  wanted.group = "none";
  wanted.check = true;
  wanted.output.clear();
  JobContext ctx;
  const Json outlook = run_split(wanted, ctx).value()["outlook"];
  EXPECT_EQ(outlook["prospect"], "good") << outlook.dump(1);
  EXPECT_GT(outlook["baseline"]["metrics"]["balanced_accuracy"]["value"], 0.85);
  EXPECT_EQ(outlook["flags"][0], "cells-not-donors");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "split.csv"));
}

TEST_F(RunSplit, RefusesOneDonorAndUnknownColumns) {
  auto wanted = options();
  wanted.group = "donor";  // the file has one
  JobContext ctx;
  EXPECT_EQ(run_split(wanted, ctx).error().id, "E-EVA-002");
  wanted = options();
  wanted.label = "colour";
  EXPECT_EQ(run_split(wanted, ctx).error().code, ErrorCode::kNotFound);
  wanted = options();
  wanted.input = (folder_ / "missing.h5ad").string();
  EXPECT_EQ(run_split(wanted, ctx).error().code, ErrorCode::kNotFound);
}

/// Features of two columns and a design of six donors with two classes; the features tell the classes apart by
/// `signal`.
struct MadeUp {
  SplitDesign design;
  FeatureMatrix matrix;

  explicit MadeUp(float signal, bool class_of_donor) {
    std::mt19937 generator(7);
    std::normal_distribution<float> normal;
    design.label_column = "state";
    design.group_column = "donor";
    design.classes = {"sick", "well"};
    matrix.num_columns = 2;
    for (int donor = 0; donor < 6; ++donor) {
      design.group_names.push_back("d" + std::to_string(donor));
      for (int i = 0; i < 60; ++i) {
        const int label = (class_of_donor ? donor : i) % 2;
        design.labels.push_back(label);
        design.groups.push_back(donor);
        matrix.values.push_back(normal(generator) + signal * static_cast<float>(label));
        matrix.values.push_back(normal(generator));
        ++matrix.num_rows;
      }
    }
  }
  [[nodiscard]] Outlook outlook(std::vector<Association> associations = {}) const {
    JobContext ctx;
    const FeatureMaker maker = [this](std::span<const std::int64_t>, JobContext&) -> Result<FeatureMatrix> {
      return matrix;
    };
    return assess_question(design, std::move(associations), maker, {}, ctx).value();
  }
};

TEST(Outlook, SaysWhetherClassesCanBeToldApart) {
  EXPECT_EQ(MadeUp(3.0F, false).outlook().prospect, Prospect::kGood);
  EXPECT_EQ(MadeUp(3.0F, true).outlook().prospect, Prospect::kGood);
  const Outlook nothing = MadeUp(0.0F, false).outlook();
  EXPECT_NE(nothing.prospect, Prospect::kGood) << nothing.verdict;
  EXPECT_EQ(nothing.baseline->interval_over, "donors");
}

TEST(Outlook, DoubtsWhatIsConfounded) {
  const Outlook outlook = MadeUp(3.0F, false).outlook({{"batch", 0.9, 2, true}});
  EXPECT_EQ(outlook.prospect, Prospect::kUncertain);
  EXPECT_NE(outlook.verdict.find("'batch' goes along with the label"), std::string::npos) << outlook.verdict;
}

TEST(Outlook, RefusesAClassOfOneDonor) {
  MadeUp made(3.0F, false);
  for (std::size_t i = 0; i < made.design.labels.size(); ++i)
    made.design.labels[i] = made.design.groups[i] == 0 ? 1 : 0;
  const Outlook outlook = made.outlook();
  EXPECT_EQ(outlook.prospect, Prospect::kImpossible);
  EXPECT_NE(outlook.verdict.find("'well' has cells of 1 of 'donor'"), std::string::npos) << outlook.verdict;
}

TEST(Outlook, IsToldFromTheLabelsAtOnce) {
  MadeUp made(3.0F, false);
  const Outlook labels = assess_labels(made.design, {{"batch", 0.9, 2, true}});
  EXPECT_EQ(labels.prospect, Prospect::kUncertain);
  EXPECT_FALSE(labels.baseline);
  ASSERT_EQ(labels.doubts.size(), 1U);
  EXPECT_EQ(labels.doubts[0].kind, DoubtKind::kConfounded);
  EXPECT_EQ(labels.flags, std::vector<std::string>{"confounded:batch"});
  for (std::size_t i = 0; i < made.design.labels.size(); ++i)
    made.design.labels[i] = made.design.groups[i] == 0 ? 1 : 0;
  const Outlook impossible = assess_labels(made.design, {});
  EXPECT_EQ(impossible.prospect, Prospect::kImpossible);
  EXPECT_EQ(impossible.doubts[0].subjects, std::vector<std::string>{"well"});
}

TEST(Outlook, ClassesCanBeLeftOut) {
  MadeUp made(3.0F, false);
  made.design.classes = {"sick", "well", "odd"};
  made.design.labels[0] = 2;
  const auto kept = without_classes(made.design, {"sick"});
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->classes, (std::vector<std::string>{"well", "odd"}));
  EXPECT_EQ(kept->labels[0], 1);
  EXPECT_EQ(kept->labels[1], 0);
  EXPECT_EQ(kept->labels[2], -1);
  EXPECT_EQ(without_classes(made.design, {"none such"}).error().id, "E-EVA-022");
  EXPECT_EQ(without_classes(made.design, {"sick", "odd"}).error().id, "E-EVA-001");
}

TEST_F(RunSplit, ASampleOfTheCountsIsEnoughForTheCheck) {
  auto wanted = options();
  wanted.group = "none";
  wanted.check = true;
  JobContext ctx;
  const Json whole = run_split(wanted, ctx).value()["outlook"];
  wanted.output.clear();
  EXPECT_EQ(run_split(wanted, ctx).value()["outlook"], whole);
  const std::string rare = whole["classes"][0]["class"];
  wanted.leave_out = {rare};
  const Json fewer = run_split(wanted, ctx).value()["outlook"];
  EXPECT_EQ(fewer["classes"].size(), whole["classes"].size() - 1);
}

TEST(Outlook, StopsWhenCancelled) {
  const MadeUp made(1.0F, false);
  JobContext ctx;
  ctx.request_cancel();
  const FeatureMaker maker = [&](std::span<const std::int64_t>, JobContext&) -> Result<FeatureMatrix> {
    return made.matrix;
  };
  EXPECT_EQ(assess_question(made.design, {}, maker, {}, ctx).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cw
