// SPDX-License-Identifier: GPL-3.0-or-later
// A list made by hand gives the numbers of the run that makes the same list.
#include "core/perturb/cell_probe.h"

#include "core/effects/effects_file.h"
#include "tests/core/perturb/perturb_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace cw {
namespace {

using namespace testing_support;

struct Case {
  const char* folder;
  bool special_tokens;
  const char* mode;
};

class CellProbeTest : public ScratchTest, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    const auto& [folder, special, mode] = GetParam();
    model_ =
        open_small_model(std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "perturb" / folder, special, 2);
    std::mt19937 random(5);
    std::vector<std::int32_t> genes;
    for (std::int32_t token = 4; token < 120; ++token) genes.push_back(token);
    std::vector<std::string> states;
    Table table;
    for (int i = 0; i < 6; ++i) {
      for (std::size_t k = genes.size(); k-- > 1;) std::swap(genes[k], genes[random() % (k + 1)]);
      std::vector<std::int32_t> list(genes.begin(), genes.begin() + 14 + i);
      if (special) {
        list.insert(list.begin(), *model_.dictionary->cls());
        list.push_back(*model_.dictionary->eos());
      }
      lists_.push_back(std::move(list));
      table.index.push_back("cell" + std::to_string(i));
      states.push_back(i % 2 == 0 ? "A" : "B");
    }
    table.set(Column::of_strings("type", states));
    cells_ = cells_of(lists_, model_, table);
  }

  /// The genes of a cell without its special tokens.
  [[nodiscard]] std::vector<std::int32_t> genes_of(std::int64_t row) const {
    const auto& list = lists_[static_cast<std::size_t>(row)];
    const std::ptrdiff_t head = GetParam().special_tokens ? 1 : 0;
    return {list.begin() + head, list.end() - head};
  }

  [[nodiscard]] CellRequest request(std::int64_t row, bool with_states) const {
    CellRequest request;
    request.row = row;
    request.comparison.mode = GetParam().mode;
    if (with_states) {
      request.comparison.state_column = "type";
      request.comparison.start = "A";
      request.comparison.goal = "B";
    }
    return request;
  }

  Result<Json> probe(const CellRequest& request) {
    JobContext ctx;
    return probe_cell(request, model_, cells_, fresh_centroids(), originals_, ctx);
  }

  Json must_probe(const CellRequest& request) {
    auto result = probe(request);
    EXPECT_TRUE(result.ok()) << result.error().message;
    return result.ok() ? *result : Json::object();
  }

  /// What a run says about one cell of state A.
  Effects run_of(const PerturbRequest& asked, bool with_states) {
    PerturbOptions options = options_for({asked});
    options.mode = GetParam().mode;
    if (with_states) {
      options.state_column = "type";
      options.start = "A";
      options.goal = "B";
    }
    JobContext ctx;
    const auto run = prepare_run(options, model_, cells_, fresh_centroids(), ctx);
    EXPECT_TRUE(run.ok()) << run.error().message;
    const auto folder = folder_ / ("run" + std::to_string(num_runs_++));
    EXPECT_TRUE(run_exact(*run, options, folder, ctx).ok());
    return *read_effects(folder);
  }

  OpenModel model_;
  std::vector<std::vector<std::int32_t>> lists_;
  TokenizedCells cells_;
  OriginalCache originals_{1 << 30};
  int num_runs_ = 0;
};

TEST_P(CellProbeTest, aDeletionByHandIsTheDeletionOfARun) {
  const std::int32_t gene = genes_of(2)[5];
  for (const bool with_states : {false, true}) {
    const Effects run = run_of({"delete", {ensembl_id_of(gene)}}, with_states);
    const auto row = std::find_if(run.cell.begin(), run.cell.end(), [&](std::int32_t cell) {
      return run.cells[static_cast<std::size_t>(cell)].source_row == 2;
    });
    ASSERT_NE(row, run.cell.end());
    const auto place = static_cast<std::size_t>(row - run.cell.begin());
    CellRequest asked = request(2, with_states);
    asked.tokens = genes_of(2);
    std::erase(*asked.tokens, gene);
    asked.changed = {gene};
    const Json answer = must_probe(asked);
    EXPECT_EQ(answer.at("length"), 15);
    if (with_states) {
      EXPECT_NEAR(answer.at("shifts")[0].get<double>(), run.cosine[place * 2], 1e-7);
      EXPECT_NEAR(answer.at("shifts")[1].get<double>(), run.cosine[place * 2 + 1], 1e-7);
      EXPECT_NEAR(answer.at("progress").get<double>(), run.progress[place], 1e-6);
      EXPECT_NE(answer.at("progress").get<double>(), 0.0);
    } else {
      EXPECT_NEAR(answer.at("similarity").get<double>(), run.cosine[place], 1e-6);
      EXPECT_LT(answer.at("similarity").get<double>(), 1.0);
      EXPECT_FALSE(answer.contains("progress"));
    }
  }
}

TEST_P(CellProbeTest, aGeneMovedToTheFrontIsOverexpressed) {
  const std::int32_t gene = genes_of(4)[9];
  const Effects run = run_of({"overexpress", {ensembl_id_of(gene)}}, false);
  for (std::size_t i = 0; i < run.cell.size(); ++i) {
    const std::int64_t row = run.cells[static_cast<std::size_t>(run.cell[i])].source_row;
    CellRequest asked = request(row, false);
    asked.tokens = genes_of(row);
    std::erase(*asked.tokens, gene);
    asked.tokens->insert(asked.tokens->begin(), gene);
    asked.changed = {gene};
    EXPECT_NEAR(must_probe(asked).at("similarity").get<double>(), run.cosine[i], 1e-6) << row;
  }
  EXPECT_EQ(run.cell.size(), 6U) << "also in cells that do not have the gene";
}

TEST_P(CellProbeTest, aCellAsItIsHasNotMovedAndGivesItsGenes) {
  const Json answer = must_probe(request(3, true));
  EXPECT_EQ(answer.at("name"), "cell3");
  EXPECT_DOUBLE_EQ(answer.at("cosine").get<double>(), 1.0);
  EXPECT_DOUBLE_EQ(answer.at("progress").get<double>(), 0.0);
  std::vector<std::int32_t> genes;
  for (const Json& gene : answer.at("genes")) genes.push_back(gene.at("token").get<std::int32_t>());
  EXPECT_EQ(genes, genes_of(3));
  CellRequest same = request(3, true);
  same.tokens = genes;
  EXPECT_NEAR(must_probe(same).at("cosine").get<double>(), 1.0, 1e-12);
}

TEST_P(CellProbeTest, anyListIsTakenAndTheAnswerDoesNotDependOnWhatWasAskedBefore) {
  CellRequest reversed = request(1, true);
  reversed.tokens = genes_of(1);
  std::reverse(reversed.tokens->begin(), reversed.tokens->end());
  Json first = must_probe(reversed);
  CellRequest stranger = request(1, true);
  stranger.tokens = {genes_of(5)[0]};  // perhaps none of its own
  const Json other = must_probe(stranger);
  EXPECT_EQ(other.at("length"), 1);
  Json again = must_probe(reversed);
  first.erase("seconds");
  again.erase("seconds");
  EXPECT_EQ(first, again);
  EXPECT_LT(first.at("cosine").get<double>(), 1.0);
}

TEST_P(CellProbeTest, aCellIsFoundByNameWhereOthersWereLeftOutBeforeIt) {
  // in the data file two empty cells stood before cell3: its row there was 5
  CellRequest asked = request(5, true);
  asked.name = "cell3";
  const Json answer = must_probe(asked);
  EXPECT_EQ(answer.at("name"), "cell3");
  EXPECT_EQ(answer.at("row"), 3);
  std::vector<std::int32_t> genes;
  for (const Json& gene : answer.at("genes")) genes.push_back(gene.at("token").get<std::int32_t>());
  EXPECT_EQ(genes, genes_of(3));
  asked.name = "empty";
  EXPECT_EQ(probe(asked).error().id, "E-PRT-033");
  asked.row = 1000;  // behind all that are left
  asked.name = "cell5";
  EXPECT_EQ(must_probe(asked).at("row"), 5);
}

TEST_P(CellProbeTest, wrongListsAreRefusedByTheirTokens) {
  const auto id_of = [&](std::int64_t row, std::optional<std::vector<std::int32_t>> tokens) {
    CellRequest asked = request(row, false);
    asked.tokens = std::move(tokens);
    const auto result = probe(asked);
    return result.ok() ? std::string("accepted") : result.error().id;
  };
  EXPECT_EQ(id_of(6, std::nullopt), "E-PRT-030");
  EXPECT_EQ(id_of(-1, std::nullopt), "E-PRT-030");
  EXPECT_EQ(id_of(0, std::vector<std::int32_t>{}), "E-PRT-032");
  EXPECT_EQ(id_of(0, std::vector<std::int32_t>{7, 8, 7}), "E-PRT-031");
  EXPECT_EQ(id_of(0, std::vector<std::int32_t>{0}), "E-PRT-031") << "<pad>";
  EXPECT_EQ(id_of(0, std::vector<std::int32_t>{1 << 30}), "E-PRT-031");
  EXPECT_EQ(id_of(0, std::vector<std::int32_t>{-5}), "E-PRT-031");
}

TEST(CellRequestTest, fieldsOfAWrongTypeAreNamed) {
  const auto of = [](const Json& json) { return cell_request_from_json(json); };
  const auto good = of({{"row", 3}, {"tokens", {5, 6}}, {"changed", {5}}, {"mode", "cell"}});
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_EQ(good->row, 3);
  EXPECT_EQ(*good->tokens, (std::vector<std::int32_t>{5, 6}));
  EXPECT_EQ(good->comparison.mode, "cell");
  EXPECT_FALSE(of({{"row", 3}})->tokens.has_value());
  for (const Json& bad : {Json{{"row", "3"}}, Json{{"tokens", 5}}, Json{{"tokens", {"TP53"}}}, Json{{"changed", {1.5}}},
                          Json{{"colour", 1}}, Json("text")}) {
    EXPECT_EQ(of(bad).error().id, "E-ARG-001") << bad;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, CellProbeTest,
                         testing::Values(Case{"v1", false, "cell"}, Case{"v2", true, "cell"}, Case{"v2", true, "cls"}),
                         [](const auto& chosen) { return std::string(chosen.param.folder) + chosen.param.mode; });

}  // namespace
}  // namespace cw
