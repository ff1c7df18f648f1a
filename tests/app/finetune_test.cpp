// SPDX-License-Identifier: GPL-3.0-or-later
// From labelled counts to a classifier and to labels for new cells, as a user goes: real cells, a small model with
// random weights.
#include "core/io/label_table.h"
#include "tests/support/command_line_test.h"

namespace cw {
namespace {

namespace fs = std::filesystem;

class FinetuneJourneyTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    model_ = small_model();
  }
  std::vector<std::string> finetune_cells(const std::string& out) const {
    return {"finetune",
            "cells",
            test_data("datasets/kang_pbmc_labelled.h5ad"),
            "--model",
            model_,
            "--label",
            "cell_type",
            "--max-cells",
            "80",
            "--epochs",
            "0.5",
            "--test",
            "0.25",
            "--freeze-layers",
            "1",
            "--out",
            in(out)};
  }
  std::string model_;
};

TEST_F(FinetuneJourneyTest, CellClassesAreLearnedJudgedAndPredicted) {
  // All cells are of one donor, so that they are split one by one: two samples of a donor do not stand for two.
  Json run = succeed(finetune_cells("run"));
  EXPECT_EQ(run["split_by"], "cell");
  EXPECT_EQ(run["classes"].size(), 5U);
  // Majority, and three models each on the frozen embedding and on the counts of the data file.
  EXPECT_EQ(run["test"]["comparison"].size(), 8U) << run.dump();
  EXPECT_GT(run["test"]["comparison"][5]["accuracy"].get<double>(), 0.5) << "expression tells cell types";
  EXPECT_LT(run["trained_parameters"], run["parameters"]);
  for (const char* name : {"model/config.json", "predictions.csv", "split.csv", "comparison.csv", "training.json"}) {
    EXPECT_TRUE(fs::exists(fs::path(in("run")) / name)) << name;
  }
  Json model = succeed({"model", "inspect", in("run/model")});
  EXPECT_NE(model.dump().find("BertForSequenceClassification"), std::string::npos) << model.dump();

  Json labelled = succeed({"predict", test_data("datasets/kang_pbmc_labelled.h5ad"), "--model", in("run/model"),
                           "--threshold", "0", "--out", in("labels.csv")});
  EXPECT_EQ(labelled["cells"], 954);
  const auto labels = read_label_table(in("labels.csv"));
  ASSERT_TRUE(labels.ok()) << labels.error().message;
  EXPECT_NE(labels->find("cell_type"), nullptr);
}

TEST_F(FinetuneJourneyTest, TooFewGroupsAreRefusedWithTheRemedy) {
  // The column has two values, and three parts were asked for.
  auto arguments = finetune_cells("run");
  for (const char* more : {"--group", "sample_id"}) arguments.emplace_back(more);
  const auto outcome = cellwright(arguments);
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("E-EVA-005"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("none"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(in("run/model")));
}

TEST_F(FinetuneJourneyTest, GeneClassesAreLearnedFromLists) {
  ASSERT_TRUE(write_file_atomically(in("classes.json"), R"({"ribosome": ["RPS3", "RPS6", "RPL3", "RPL5", "RPS8"],
      "immune": ["CD74", "B2M", "ISG15", "LYZ", "NKG7", "FTH1"]})")
                  .ok());
  Json run = succeed({"finetune", "genes", test_data("datasets/kang_pbmc_labelled.h5ad"), "--model", model_,
                      "--classes", in("classes.json"), "--max-cells", "40", "--folds", "2", "--out", in("run")});
  EXPECT_EQ(run["folds"], 2);
  EXPECT_EQ(run["classes"], Json({"immune", "ribosome"}));
  EXPECT_TRUE(fs::exists(in("run/gene_predictions.csv")));
  EXPECT_TRUE(fs::exists(in("run/model/model.safetensors")));
}

}  // namespace
}  // namespace cw
