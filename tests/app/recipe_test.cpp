// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes as a user runs them: a bundled one on real cells with a small model, again after it was done, and refused.
#include "tests/support/command_line_test.h"

namespace cw {
namespace {

namespace fs = std::filesystem;

class RecipeTest : public CommandLineTest {
 protected:
  [[nodiscard]] std::vector<std::string> run(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"recipe", "run", "treated-cells", "--out", in("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(RecipeTest, ARecipeRunsItsJobsReportsAndIsNotDoneTwice) {
  // one donor here, so cells are held out instead
  const auto arguments = run({"--data", "cells=" + test_data("datasets/kang_pbmc_labelled.h5ad"), "--model",
                              small_model("model", 1), "--set", "group=none", "--set", "epochs=0.2"});
  const Json result = succeed(arguments);
  EXPECT_EQ(result["recipe"], "treated-cells");
  ASSERT_TRUE(result["figures"][0]["value"].is_number()) << result.dump();
  EXPECT_EQ(result["steps"]["finetune"]["classes"], Json({"ctrl", "stim"}));
  const auto report = read_file(in("out/report.md"));
  ASSERT_TRUE(report.ok());
  EXPECT_NE(report->find("logistic-regression"), std::string::npos) << *report;
  EXPECT_TRUE(fs::exists(in("out/recipe.json")));
  const auto model = fs::last_write_time(in("out/run/model/model.safetensors"));
  EXPECT_EQ(succeed(arguments)["figures"], result["figures"]);
  EXPECT_EQ(fs::last_write_time(in("out/run/model/model.safetensors")), model) << "done already";
}

TEST_F(RecipeTest, WhatARecipeLacksIsNamedBeforeAnythingRuns) {
  const auto missing = cellwright(run({}));
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_NE(missing.err.find("E-RCP-003"), std::string::npos) << missing.err;
  EXPECT_NE(missing.err.find("GSE96583"), std::string::npos) << "where the published file is: " << missing.err;
  const auto unknown = cellwright({"recipe", "run", "no-such"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_NE(unknown.err.find("cell-types"), std::string::npos) << unknown.err;
  const auto odd = cellwright(run({"--set", "epochs"}));
  EXPECT_EQ(odd.exit_code, 2) << odd.err;
  EXPECT_FALSE(fs::exists(in("out")));
  EXPECT_GE(succeed({"recipe", "list"}).size(), 7U);
  EXPECT_EQ(succeed({"recipe", "show", "batch-mixing"})["steps"].size(), 6U);
}

}  // namespace
}  // namespace cw
