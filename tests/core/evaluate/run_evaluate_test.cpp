// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/run_evaluate.h"

#include "core/base/files.h"
#include "core/evaluate/predictions_file.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cw {
namespace {

class RunEvaluate : public ScratchFolderTest {
 protected:
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  /// Four donors with 20 cells each; every `wrong`-th cell is called the other class.
  std::string predictions(const std::string& name, int wrong) const {
    std::string text = "cell,true,predicted,p_A,p_B,donor\n";
    for (int i = 0; i < 80; ++i) {
      const bool is_a = i % 2 == 0;
      const bool called_a = is_a != (i % wrong == 0);
      text += "c" + std::to_string(i) + (is_a ? ",A," : ",B,") + (called_a ? "A,0.875,0.125," : "B,0.25,0.75,") + "d" +
              std::to_string(i / 20) + "\n";
    }
    return file(name, text);
  }
  [[nodiscard]] EvaluateOptions options(const std::string& input) const {
    EvaluateOptions options;
    options.input = input;
    options.output = (folder_ / "out").string();
    return options;
  }
  [[nodiscard]] Error refused(const std::string& text) const {
    JobContext ctx;
    const auto result = run_evaluate(options(file("bad.csv", text)), ctx);
    EXPECT_FALSE(result.ok());
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
    return result.ok() ? Error() : result.error();
  }
};

TEST_F(RunEvaluate, WritesFiguresTablesAndWords) {
  JobContext ctx;
  const Json result = run_evaluate(options(predictions("a.csv", 8)), ctx).value();
  EXPECT_NEAR(result["metrics"]["accuracy"]["value"].get<double>(), 70.0 / 80.0, 1e-12);
  EXPECT_EQ(result["interval_over"], "donors");
  EXPECT_EQ(result["replicates"], 4);
  EXPECT_EQ(result["flags"], Json::array({"few-donors"}));
  for (const auto* name : {"metrics.json", "per_class.csv", "confusion.csv", "roc.csv", "pr.csv", "calibration.csv",
                           "report.md", "cellwright.json"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / name)) << name;
  }
  const std::string confusion = read_file(folder_ / "out" / "confusion.csv").value();
  EXPECT_EQ(confusion, "true,A,B\nA,30,10\nB,0,40\n");
  const std::string report = read_file(folder_ / "out" / "report.md").value();
  EXPECT_NE(report.find("10 cells of 'A' were called 'B'"), std::string::npos) << report;
  EXPECT_EQ(run_evaluate(options(predictions("a.csv", 8)), ctx).error().id, "E-IO-005");
}

TEST_F(RunEvaluate, ComparesPredictionsOfTheSameCells) {
  JobContext ctx;
  auto wanted = options(predictions("ours.csv", 16));
  wanted.against = {predictions("simple.csv", 4)};
  const Json result = run_evaluate(wanted, ctx).value();
  EXPECT_NE(result["verdict"].get<std::string>().find("The ours model is clearly better"), std::string::npos)
      << result["verdict"];
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / "comparison.csv"));
  wanted.against = {file("other.csv", "cell,true,p_A,p_B\nx,A,0.5,0.5\ny,B,0.5,0.5\n")};
  wanted.overwrite = true;
  EXPECT_EQ(run_evaluate(wanted, ctx).error().id, "E-EVA-013");
}

TEST_F(RunEvaluate, ScoresGenesBesideTheirOccurrences) {
  std::string text = "cell,gene,true,p_yes,p_no\n";
  for (int gene = 0; gene < 8; ++gene) {
    for (int cell = 0; cell < (gene == 0 ? 60 : 3); ++cell) {
      const bool truth = gene % 2 == 0;
      text += "c" + std::to_string(cell) + ",G" + std::to_string(gene) + (truth ? ",yes," : ",no,");
      text += gene == 0 ? "0.1,0.9\n" : truth ? "0.75,0.25\n" : "0.25,0.75\n";  // the frequent gene is always wrong
    }
  }
  auto wanted = options(file("genes.csv", text));
  wanted.genes = "gene";
  JobContext ctx;
  const Json result = run_evaluate(wanted, ctx).value();
  EXPECT_EQ(result["unit"], "genes");
  EXPECT_NEAR(result["metrics"]["accuracy"]["value"].get<double>(), 7.0 / 8.0, 1e-12);
  EXPECT_NEAR(result["per_occurrence"]["metrics"]["accuracy"]["value"].get<double>(), 21.0 / 81.0, 1e-12);
  EXPECT_EQ(result["per_occurrence"]["interval_over"], "genes");
}

TEST_F(RunEvaluate, ScoresNumbers) {
  std::string text = "cell\ttrue\tpredicted\tdonor\n";
  for (int i = 0; i < 40; ++i) {
    text += "c" + std::to_string(i) + "\t" + std::to_string(i) + "\t" + std::to_string(i + i % 3) + "\td" +
            std::to_string(i % 5) + "\n";
  }
  auto wanted = options(file("days.tsv", text));
  wanted.regression = true;
  JobContext ctx;
  const Json result = run_evaluate(wanted, ctx).value();
  EXPECT_EQ(result["interval_over"], "donors");
  EXPECT_NEAR(result["metrics"]["mae"]["value"].get<double>(), 39.0 / 40.0, 1e-12);
  EXPECT_GT(result["metrics"]["spearman"]["value"].get<double>(), 0.98);
}

TEST_F(RunEvaluate, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(refused("nothing\n").id, "E-EVA-016");
  EXPECT_EQ(refused("cell,p_A,p_B\nc,0.5,0.5\n").id, "E-EVA-016");
  EXPECT_EQ(refused("cell,true\nc,A\n").id, "E-EVA-016");
  EXPECT_EQ(refused("cell,true,p_A,p_B\nc,A,0.5\n").id, "E-EVA-016");
  EXPECT_EQ(refused("cell,true,p_A,p_B\nc,A,0.5,half\n").id, "E-EVA-017");
  EXPECT_EQ(refused("cell,true,p_A,p_B\nc,A,0.5,nan\n").id, "E-EVA-017");
  EXPECT_EQ(refused("cell,true,p_A,p_B\nc,,0.5,0.5\n").id, "E-EVA-010");
  const Error unknown = refused("cell,true,p_A,p_B\nc,A,0.5,0.5\nd,Z,0.5,0.5\ne,Z,0.4,0.6\n");
  EXPECT_EQ(unknown.id, "E-EVA-018");
  EXPECT_NE(unknown.message.find("'Z' (2)"), std::string::npos) << unknown.message;
  EXPECT_NE(unknown.message.find("'A', 'B'"), std::string::npos) << unknown.message;
}

TEST_F(RunEvaluate, LeavesOutUnknownClassesWhenTold) {
  auto wanted = options(file("a.csv", "cell,true,p_A,p_B\nc,A,0.5,0.5\nd,Z,0.5,0.5\ne,B,0.4,0.6\n"));
  wanted.leave_out_unknown = true;
  JobContext ctx;
  EXPECT_EQ(run_evaluate(wanted, ctx).value()["n_rows"], 2);
}

TEST_F(RunEvaluate, TakesWordsAndMarginsForWhatTheyAre) {
  JobContext ctx;
  const auto words = read_predictions(file("words.csv", "cell,true,predicted\nc,A,A\nd,B,A\ne,B,B\n"), {}, ctx).value();
  EXPECT_FALSE(words.probabilities);
  EXPECT_EQ(words.predicted(1), 0);
  const auto margins =
      read_predictions(file("margins.csv", "cell,true,p_A,p_B\nc,A,2.5,-1\nd,B,-1,0.5\n"), {}, ctx).value();
  EXPECT_FALSE(margins.probabilities);
  EXPECT_EQ(margins.predicted(0), 0);
}

}  // namespace
}  // namespace cw
