// SPDX-License-Identifier: GPL-3.0-or-later
// split and evaluate as a person types them, through the engine.
#include "tests/support/command_line_test.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cw {
namespace {

class EvaluateCommands : public CommandLineTest {
 protected:
  const std::string data_ = test_data("datasets/kang_pbmc_labelled.h5ad");
  [[nodiscard]] std::string predictions(const std::string& text) const {
    std::ofstream(in("p.csv")) << "cell,true,p_A,p_B,donor\n" << text;
    return in("p.csv");
  }
};

TEST_F(EvaluateCommands, SplitCellsAndSayWhetherItWillWork) {
  const Json result = succeed(
      {"split", data_, "--label", "cell_type", "--group", "none", "--folds", "5", "--check", "--out", in("s.csv")});
  EXPECT_EQ(result["folds"], 5);
  EXPECT_EQ(result["outlook"]["prospect"], "good");
  EXPECT_TRUE(std::filesystem::exists(in("s.csv")));
  const auto words = cellwright({"split", data_, "--label", "cell_type", "--group", "none", "--check"});
  EXPECT_EQ(words.exit_code, 0) << words.err;
  EXPECT_NE(words.out.find("Will this work: good. A simple model already tells the classes apart"), std::string::npos)
      << words.out;
  EXPECT_NE(words.err.find("W-EVA-005"), std::string::npos) << words.err;
}

TEST_F(EvaluateCommands, ScorePredictionsInWords) {
  const auto outcome = cellwright(
      {"evaluate", predictions("a,A,0.9,0.1,1\nb,B,0.2,0.8,1\nc,A,0.4,0.6,2\nd,B,0.3,0.7,2\n"), "--out", in("e")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("| accuracy | 0.750"), std::string::npos) << outcome.out;
  EXPECT_TRUE(std::filesystem::exists(in("e/per_class.csv")));
}

TEST_F(EvaluateCommands, RefuseUnknownClassesWithACode) {
  const auto outcome = cellwright({"evaluate", predictions("a,A,0.9,0.1,1\nb,Z,0.2,0.8,2\n"), "--out", in("e")});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("error [E-EVA-018]"), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(in("e")));
  const auto one = cellwright({"split", data_, "--label", "donor", "--out", in("s.csv")});
  EXPECT_EQ(one.exit_code, 3);
  EXPECT_NE(one.err.find("error [E-EVA-001]"), std::string::npos) << one.err;
}

}  // namespace
}  // namespace cw
