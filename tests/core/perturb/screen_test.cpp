// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/screen.h"

#include "core/effects/effects_file.h"
#include "core/perturb/gradient_scores.h"
#include "core/perturb/preview.h"
#include "core/stats/rank_correlation.h"
#include "core/tokenize/token_file.h"
#include "tests/core/perturb/perturb_case.h"

#include <ATen/ATen.h>

#include <cmath>
#include <random>
#include <set>

namespace cw {
namespace {

using namespace testing_support;

class ScreenTest : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    const auto path = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "perturb" / "v1";
    model_ = open_small_model(path, false, 2);
    folder_of_model_ = *open_model_folder(path);
    weights_ = *load_weights(folder_of_model_);
    std::mt19937 random(1);
    std::vector<std::int32_t> genes;
    for (std::int32_t token = 2; token < 60; ++token) genes.push_back(token);
    Table table;
    std::vector<std::string> states;
    std::vector<std::string> donors;
    std::vector<std::vector<std::int32_t>> lists;
    for (int i = 0; i < 48; ++i) {
      for (std::size_t k = genes.size(); k-- > 1;) std::swap(genes[k], genes[random() % (k + 1)]);
      lists.emplace_back(genes.begin(), genes.begin() + 40);
      table.index.push_back("cell" + std::to_string(i));
      states.push_back(i % 4 == 0 ? "B" : "A");
      donors.push_back("d" + std::to_string(i % 5));
    }
    table.set(Column::of_strings("type", states));
    table.set(Column::of_strings("donor", donors));
    cells_ = cells_of(lists, model_, table);
  }

  [[nodiscard]] static PerturbOptions options(bool with_states) {
    PerturbOptions o = options_for({{"delete", {"all"}}});
    o.method = "screen";
    o.screen_top = 5;
    o.screen_sample = 20;
    o.donor_column = "donor";
    if (with_states) {
      o.state_column = "type";
      o.start = "A";
      o.goal = "B";
    }
    return o;
  }

  PreparedRun prepared(const PerturbOptions& o) {
    JobContext ctx;
    auto run = prepare_run(o, model_, cells_, fresh_centroids(), ctx);
    EXPECT_TRUE(run.ok()) << run.error().message;
    return std::move(run).value();
  }

  OpenModel model_;
  ModelFolder folder_of_model_;
  ModelWeights weights_;
  TokenizedCells cells_;
};

TEST_F(ScreenTest, theDifferentiableEncoderEqualsTheFastOne) {
  std::vector<std::int32_t> tokens;
  cells_.copy_tokens(0, tokens);
  PackedBatch batch;
  batch.add(tokens);
  for (const int layer : {0, 2, 3}) {
    const GatedForward forward(weights_, folder_of_model_.config, layer);
    const at::Tensor states = forward.states(forward.leaves(tokens)).detach();
    EXPECT_LT((states - model_.encoder->hidden(batch, layer)).abs().max().item<float>(), 2e-5F) << layer;
  }
}

TEST_F(ScreenTest, aClosedGateIsACellWithoutTheGeneInItsPlace) {
  std::vector<std::int32_t> tokens;
  cells_.copy_tokens(0, tokens);
  const GatedForward forward(weights_, folder_of_model_.config, 2);
  auto leaves = forward.leaves(tokens);
  leaves.log_gate = leaves.log_gate.detach().clone();
  leaves.log_gate[7] = -1e9F;
  const at::Tensor closed = GatedForward::pooled(forward.states(leaves), leaves).detach();
  // the same cell without token 7, every other token keeping its position
  PackedBatch batch;
  std::vector<std::int32_t> rest = tokens;
  rest.erase(rest.begin() + 7);
  batch.add(rest);
  for (std::int32_t i = 0; i < 40; ++i) {
    if (i != 7) batch.positions.push_back(i);
  }
  const at::Tensor without = model_.encoder->hidden(batch, 2).mean(0);
  EXPECT_LT((closed - without).abs().max().item<float>(), 1e-5F);
}

TEST_F(ScreenTest, gradientsPredictTheShiftOfASmallStep) {
  const PerturbOptions o = options(true);
  const PreparedRun run = prepared(o);
  const GradientScreen screen(weights_, folder_of_model_.config, run, 4, 42);
  std::vector<std::int32_t> tokens;
  cells_.copy_tokens(1, tokens);
  const auto changes = screen.cell(tokens, 1);
  const GatedForward forward(weights_, folder_of_model_.config, run.layer);
  // the last gene moves no other, so its change is minus the derivative of its gate: compare with a difference
  const auto similarity = [&](double log_gate) {
    auto leaves = forward.leaves(tokens);
    leaves.log_gate = leaves.log_gate.detach().clone();
    leaves.log_gate[39] = log_gate;
    const at::Tensor e = GatedForward::pooled(forward.states(leaves), leaves).detach().to(at::kDouble).contiguous();
    return cosine({e.const_data_ptr<double>(), 64}, run.centroids.states.centroids[1]);
  };
  const double slope = (similarity(0.05) - similarity(-0.05)) / 0.1;
  EXPECT_NEAR(changes[39], -slope, 1e-2 * std::abs(slope) + 1e-6);
}

TEST_F(ScreenTest, donorsAreNeverOnBothSides) {
  const PreparedRun run = prepared(options(false));
  const auto split = split_cells(run.header.cells, 42);
  ASSERT_TRUE(split.ok());
  EXPECT_TRUE(split->by_donor);
  std::set<std::string> screened;
  for (const auto cell : split->screened) screened.insert(run.header.cells[static_cast<std::size_t>(cell)].donor);
  for (const auto cell : split->verified) {
    EXPECT_FALSE(screened.contains(run.header.cells[static_cast<std::size_t>(cell)].donor));
  }
  EXPECT_EQ(split->screened.size() + split->verified.size(), run.header.cells.size());
  EXPECT_EQ(split_cells({run.header.cells[0]}, 42).error().id, "E-PRT-020");
}

TEST_F(ScreenTest, theScreenStoresItsScoresItsCheckAndItsQuality) {
  for (const bool with_states : {true, false}) {
    const PerturbOptions o = options(with_states);
    const PreparedRun run = prepared(o);
    JobContext ctx;
    const auto folder = folder_ / (with_states ? "states" : "plain");
    const auto summary = run_screen(run, o, folder, ctx);
    ASSERT_TRUE(summary.ok()) << summary.error().message;
    const Json& quality = summary->at("quality");
    EXPECT_EQ(quality.at("exact_top"), 5);
    EXPECT_EQ(quality.at("exact_sample"), 20);
    EXPECT_TRUE(quality.contains("missed_at_most"));
    EXPECT_LE(quality.at("rank_correlation_low").get<double>(), quality.at("rank_correlation").get<double>());
    if (with_states) {
      EXPECT_GE(quality.at("rank_correlation").get<double>(), 0.8);
    }
    const auto stored = read_json(folder / "screen.json");
    ASSERT_TRUE(stored.ok());
    EXPECT_EQ(stored->at("genes").size(), quality.at("genes"));
    EXPECT_GE(stored->at("genes").size(), 25U);
    const Effects effects = *read_effects(folder);
    EXPECT_EQ(effects.perturbations.size(), 25U);
    // what was verified equals the exact method on the same cells
    PerturbOptions exact = o;
    exact.method = "exact";
    const PreparedRun whole = prepared(exact);
    ASSERT_TRUE(run_exact(whole, exact, folder / "exact", ctx).ok());
    const Effects reference = *read_effects(folder / "exact");
    std::map<std::pair<std::string, std::int32_t>, float> values;
    const auto columns = static_cast<std::size_t>(reference.num_columns());
    const auto key = [](const Effects& e, std::size_t i) {
      return std::pair(e.cells[static_cast<std::size_t>(e.cell[i])].name,
                       e.perturbations[static_cast<std::size_t>(e.perturbation[i])].tokens[0]);
    };
    for (std::size_t i = 0; i < reference.cell.size(); ++i) values[key(reference, i)] = reference.cosine[i * columns];
    for (std::size_t i = 0; i < effects.cell.size(); ++i) {
      EXPECT_NEAR(effects.cosine[i * columns], values.at(key(effects, i)), 1e-7F);
    }
  }
}

TEST_F(ScreenTest, screeningCanBeCancelled) {
  const PerturbOptions o = options(true);
  const PreparedRun run = prepared(o);
  JobContext ctx;
  ctx.request_cancel();
  EXPECT_EQ(run_screen(run, o, folder_ / "run", ctx).error().code, ErrorCode::kCancelled);
}

TEST_F(ScreenTest, theJobTakesTheMethodThatIsAskedFor) {
  std::string entries = "token\tensembl_id\tmedian\tsymbol\n0\t<pad>\t\t\n1\t<mask>\t\t\n";
  for (std::int32_t token = 2; token < model_.dictionary->num_tokens(); ++token) {
    entries += std::to_string(token) + "\t" + ensembl_id_of(token) + "\t1\tG" + std::to_string(token) + "\n";
  }
  ASSERT_TRUE(write_file_atomically(folder_ / "genes" / "tokens.tsv", entries).ok());
  ASSERT_TRUE(write_json(folder_ / "genes" / "dictionary.json",
                         {{"name", "small"}, {"model_input_size", model_.dictionary->model_input_size()}})
                  .ok());
  const auto dictionary = Dictionary::load((folder_ / "genes").string());
  ASSERT_TRUE(dictionary.ok()) << dictionary.error().message;
  auto writer = TokenFileWriter::create(folder_ / "cells.tokens.h5", (*dictionary)->num_tokens(), false);
  std::vector<std::int32_t> tokens;
  for (std::int64_t cell = 0; cell < cells_.num_cells(); ++cell) {
    cells_.copy_tokens(cell, tokens);
    ASSERT_TRUE(writer->append(tokens, static_cast<std::uint32_t>(tokens.size())).ok());
  }
  TokensInfo info;
  info.dictionary_name = (*dictionary)->name();
  info.dictionary_sha256 = (*dictionary)->sha256();
  info.max_length = (*dictionary)->model_input_size();
  ASSERT_TRUE(writer->finish(cells_.cells(), info).ok());
  for (const std::string method : {"screen", "exact"}) {
    PerturbOptions o = options(false);
    o.method = method;
    o.input = (folder_ / "cells.tokens.h5").string();
    o.model = model_.path.string();
    o.dictionary = (folder_ / "genes").string();
    o.output = (folder_ / method).string();
    JobContext ctx;
    const auto summary = run_perturb(o, ctx);
    ASSERT_TRUE(summary.ok()) << summary.error().message;
    EXPECT_EQ(std::filesystem::exists(folder_ / method / "screen.json"), method == "screen");
    EXPECT_TRUE(std::filesystem::exists(folder_ / method / "effects.h5"));
  }
}

}  // namespace
}  // namespace cw
