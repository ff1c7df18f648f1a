// SPDX-License-Identifier: GPL-3.0-or-later
// Cells that share a name and genes that stand in several rows are no reason to refuse a file, but one to say so;
// joining by such names is refused.
#include "core/tokenize/tokenized_cells.h"
#include "tests/app/bad_input.h"

namespace cw {
namespace {

constexpr const char* kSharedCells = "W-TOK-004";
constexpr const char* kRepeatedGenes = "W-GENE-005";

class RepeatedNamesTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    model_ = small_model("model", 1);
    auto cells = good_content();
    cells.cells.index[7] = cells.cells.index[6];
    cells.cells.index[8] = cells.cells.index[6];
    write("cells.h5ad", cells);
    auto genes = good_content();
    genes.genes.index[4] = genes.genes.index[3];
    genes.genes.columns = {Column::of_strings("ensembl_id", genes.genes.index)};
    write("genes.h5ad", genes);
  }
  void write(const std::string& name, const H5adContent& content) const {
    JobContext context;
    const auto written = write_h5ad(in(name), content, false, context);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  /// The lines on standard error that begin with a warning of this code.
  static std::vector<std::string> warnings(const ProgramOutcome& outcome, const std::string& code) {
    std::vector<std::string> found;
    std::istringstream lines(outcome.err);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("warning [" + code + "]", 0) == 0) found.push_back(line);
    }
    return found;
  }
  void expect_warning(const std::vector<std::string>& arguments, const std::string& code,
                      const std::vector<std::string>& words) const {
    const auto outcome = cellwright(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << arguments[0] << ": " << outcome.err;
    const auto found = warnings(outcome, code);
    ASSERT_EQ(found.size(), 1U) << arguments[0] << ": " << outcome.err;
    for (const auto& word : words) EXPECT_NE(found[0].find(word), std::string::npos) << found[0] << "\nlacks: " << word;
  }
  [[nodiscard]] std::vector<std::vector<std::int32_t>> tokens_in(const std::string& name) const {
    std::vector<std::vector<std::int32_t>> all;
    const auto cells = TokenizedCells::open(in(name));
    EXPECT_TRUE(cells.ok());
    if (!cells.ok()) return all;
    for (std::int64_t cell = 0; cell < cells->num_cells(); ++cell) {
      all.emplace_back();
      cells->copy_tokens(cell, all.back());
    }
    return all;
  }

  std::string model_;
};

TEST_F(RepeatedNamesTest, EveryCommandNamesCellsThatShareAName) {
  const std::string data = in("cells.h5ad");
  const std::vector<std::string> words = {data, "2 cells", "'cell6'", "make the names unique"};
  const std::vector<std::vector<std::string>> commands = {
      {"tokenize", data, "--dictionary", "v1", "--out", in("c.tokens.h5")},
      {"embed", data, "--model", model_, "--out", in("c.emb.h5ad")},
      {"map", data, "--out", in("c.map.h5ad")},
      {"perturb", data, "--model", model_, "--delete", "ACTB", "--out", in("c.run")},
      {"perturb", data, "--model", model_, "--delete", "ACTB", "--preview", "4"}};
  for (const auto& command : commands) expect_warning(command, kSharedCells, words);
  EXPECT_EQ(tokens_in("c.tokens.h5").size(), kNumCells) << "each stays a cell of its own";
}

TEST_F(RepeatedNamesTest, EveryCommandNamesGenesThatComeAgain) {
  const std::string data = in("genes.h5ad");
  const std::vector<std::string> words = {data, "1 gene", kGenes[3], "added up", "remove one of them"};
  const std::vector<std::vector<std::string>> commands = {
      {"tokenize", data, "--dictionary", "v1", "--out", in("g.tokens.h5")},
      {"medians", data, "--out", in("g.medians"), "--min-cells", "1"},
      {"embed", data, "--model", model_, "--out", in("g.emb.h5ad")},
      {"perturb", data, "--model", model_, "--delete", "ACTB", "--out", in("g.run")},
      {"perturb", data, "--model", model_, "--delete", "ACTB", "--preview", "4"}};
  for (const auto& command : commands) expect_warning(command, kRepeatedGenes, words);

  auto summed = good_content();
  auto& counts = std::get<CsrMatrix>(summed.x);
  for (std::size_t cell = 0; cell < kNumCells; ++cell) {
    counts.values[cell * kGenes.size() + 3] += counts.values[cell * kGenes.size() + 4];
    counts.values[cell * kGenes.size() + 4] = 0.0F;
  }
  write("summed.h5ad", summed);
  const auto outcome = cellwright({"tokenize", in("summed.h5ad"), "--dictionary", "v1", "--out", in("s.tokens.h5")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(warnings(outcome, kRepeatedGenes).empty()) << outcome.err;
  EXPECT_EQ(tokens_in("g.tokens.h5"), tokens_in("s.tokens.h5"));
}

TEST_F(RepeatedNamesTest, InspectSaysBothWithTheirRemedy) {
  for (const auto& [name, code, fix] : {std::tuple("cells.h5ad", kSharedCells, "make the names unique"),
                                        {"genes.h5ad", kRepeatedGenes, "remove one of them"}}) {
    const Json report = succeed({"inspect", in(name)});
    int found = 0;
    for (const auto& problem : report["problems"]) {
      EXPECT_NE(problem["severity"], "error") << problem.dump();
      if (problem["code"] != code) continue;
      ++found;
      EXPECT_NE(problem["fix"].get<std::string>().find(fix), std::string::npos) << problem.dump();
    }
    EXPECT_EQ(found, 1) << report["problems"].dump();
  }
}

TEST_F(RepeatedNamesTest, GroupsAndLabelsAreNotJoinedByNamesThatSeveralCellsHave) {
  // row by row, where both files list the same cells
  EXPECT_EQ(cellwright({"markers", in("cells.h5ad"), "--groups-file", in("cells.h5ad"), "--groups", "state", "--out",
                        in("same.csv")})
                .exit_code,
            0);
  auto part = good_content(12);
  part.cells.index[7] = part.cells.index[6];
  write("part.h5ad", part);
  const auto markers = cellwright(
      {"markers", in("cells.h5ad"), "--groups-file", in("part.h5ad"), "--groups", "state", "--out", in("part.csv")});
  EXPECT_EQ(markers.exit_code, kInput) << markers.err;
  for (const char* word : {"error [E-MRK-004]", "part.h5ad", "'cell6'", "make the names unique"}) {
    EXPECT_NE(markers.err.find(word), std::string::npos) << markers.err << "\nlacks: " << word;
  }
  EXPECT_FALSE(fs::exists(in("part.csv")));

  write_text(in("labels.csv"), "cell,kind\ncell6,a\ncell9,b\n");
  const auto perturb = cellwright({"perturb", in("cells.h5ad"), "--model", model_, "--delete", "ACTB", "--labels",
                                   in("labels.csv"), "--out", in("run")});
  EXPECT_EQ(perturb.exit_code, kInput) << perturb.err;
  for (const char* word : {"error [E-LAB-005]", "labels.csv", "'cell6'", "make the names unique"}) {
    EXPECT_NE(perturb.err.find(word), std::string::npos) << perturb.err << "\nlacks: " << word;
  }
  EXPECT_FALSE(fs::exists(in("run") + "/effects.h5"));
}

}  // namespace
}  // namespace cw
