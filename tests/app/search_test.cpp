// SPDX-License-Identifier: GPL-3.0-or-later
// A search over settings, as a user starts, stops, kills and uses it: real cells, a small model with random weights.
#include "core/io/label_table.h"
#include "tests/support/command_line_test.h"
#include "tests/support/running_program.h"

#include <algorithm>
#include <random>

namespace cw {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{90'000};

class SearchTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    model_ = small_model("model", 1);
    static_cast<void>(succeed({"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1",
                               "--max-length", "96", "--keep", "cell_type", "--out", in("k.tokens.h5")}));
  }

  /// Options of the fine-tuning: enough steps for the settings to make a difference.
  [[nodiscard]] std::vector<std::string> cells(const std::string& command, const std::string& out) const {
    return {command,
            "cells",
            in("k.tokens.h5"),
            "--model",
            model_,
            "--label",
            "cell_type",
            "--group",
            "none",
            "--max-cells",
            "100",
            "--epochs",
            "3",
            "--validation",
            "0.2",
            "--test",
            "0.2",
            "--out",
            in(out),
            "--no-baselines",
            "--metric",
            "macro_auroc"};
  }
  [[nodiscard]] std::vector<std::string> search(const std::string& out, const std::vector<std::string>& more) const {
    auto arguments = cells("search", out);
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  [[nodiscard]] std::string content(const std::string& name) const {
    const auto text = read_file(folder_ / name);
    EXPECT_TRUE(text.ok()) << name;
    return text.ok() ? *text : std::string();
  }

  /// trials.csv without what a busy machine changes.
  [[nodiscard]] std::string results(const std::string& run) const {
    const auto table = read_label_table(folder_ / run / "trials.csv");
    EXPECT_TRUE(table.ok()) << run;
    std::string text;
    for (std::int64_t row = 0; table.ok() && row < table->num_rows(); ++row) {
      for (const Column& column : table->columns) {
        if (column.name != "seconds") text += column.name + "=" + column.text(row) + " ";
      }
      text += "\n";
    }
    return text;
  }

  [[nodiscard]] int num_results(const std::string& run) const {
    const auto events = read_file(folder_ / run / "events.jsonl");
    int count = 0;
    if (!events.ok()) return 0;
    const std::string wanted = R"("type":"trial")";
    for (auto at = events->find(wanted); at != std::string::npos; at = events->find(wanted, at + 1)) ++count;
    return count;
  }

  [[nodiscard]] pid_t engine_of(const std::string& run) const {
    const auto state = read_json(folder_ / run / "state.json");
    return state.ok() && state->value("state", "") == "running" ? state->value("process", 0) : 0;
  }

  /// Starts the command, waits for that many events of trials, and does something to the run.
  template <class Act>
  int interrupt(const std::vector<std::string>& arguments, const std::string& run, int events, const Act& act) {
    RunningProgram program(fs::path(CW_BIN_DIR) / "cellwright", arguments, folder_ / "out.txt", folder_ / "err.txt");
    const int before = num_results(run);
    while (num_results(run) < before + events && !program.wait(milliseconds(0))) {
      std::this_thread::sleep_for(milliseconds(3));
    }
    act();
    return program.wait(kPatience).value_or(-1);
  }

  std::string model_;
};

TEST_F(SearchTest, TheBestTrialIsFinishedAndItsSettingsGiveTheSameModelAgain) {
  const Json result = succeed(search(
      "run", {"--trials", "4", "--rungs", "2", "--keep", "0.5", "--search", "learning_rate=1e-6:1e-2:log", "--search",
              "freeze-layers=0:1", "--search", "schedule=linear,constant", "--search", "batch_size=4,8"}));
  EXPECT_EQ(result["trials"], 4);
  EXPECT_EQ(result["trained_to_the_end"], 2);
  EXPECT_EQ(result["stopped"], 2);
  const auto table = read_label_table(in("run/trials.csv"));
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->num_rows(), 5) << "the settings as given, and four trials";
  double best = 0.0;
  for (std::int64_t row = 0; row < 5; ++row) {
    if (table->find("state")->text(row) == "done") best = std::max(best, std::stod(table->find("value")->text(row)));
  }
  EXPECT_EQ(result["best"]["value"], best);
  EXPECT_GE(best, result["baseline"]["value"].get<double>());
  EXPECT_EQ(table->find("learning_rate")->text(0), "5e-05");
  EXPECT_EQ(table->find("state")->text(0) == "done", true);

  // Only the best one has seen the test part.
  for (const auto& name : names_below(in("run/trials"))) {
    const std::string file = fs::path(name).filename().string();
    EXPECT_TRUE(file != "predictions.csv" && file != "training.json" && file != "checkpoints" && file != "model")
        << name;
  }
  EXPECT_TRUE(result["best_run"]["test"].contains("macro_f1"));
  EXPECT_TRUE(fs::exists(in("run/best/predictions.csv")));

  auto again = cells("finetune", "again");
  for (const char* more : {"--options", "best.json"}) again.emplace_back(more);
  again.back() = in("run/best.json");
  static_cast<void>(succeed(again));
  EXPECT_TRUE(content("run/best/model/model.safetensors") == content("again/model/model.safetensors"))
      << "bit by bit: the trial went on from rung to rung, the other run was never stopped";
  EXPECT_EQ(content("run/best/predictions.csv"), content("again/predictions.csv"));
}

TEST_F(SearchTest, ASearchThatIsKilledGoesOnToTheSameResults) {
  const std::vector<std::string> how{"--trials", "4",          "--rungs", "2",      "--keep",
                                     "0.5",      "--parallel", "2",       "--seed", "7"};
  static_cast<void>(succeed(search("whole", how)));
  std::mt19937 random(11);
  auto arguments = search("killed", how);
  int kills = 0;
  for (; kills < 3; ++kills) {
    const int ended = interrupt(arguments, "killed", 3, [&] {
      std::this_thread::sleep_for(milliseconds(random() % 400));
      if (const pid_t engine = engine_of("killed"); engine > 0) ::kill(engine, SIGKILL);
    });
    if (ended == 0) break;
    EXPECT_EQ(ended, 5) << content("err.txt");
    arguments = {"resume", in("killed")};
  }
  EXPECT_GT(kills, 0);
  static_cast<void>(succeed({"resume", in("killed")}));
  EXPECT_EQ(results("killed"), results("whole"));
  EXPECT_EQ(content("killed/best.json"), content("whole/best.json"));
  EXPECT_TRUE(content("killed/best/model/model.safetensors") == content("whole/best/model/model.safetensors"));
}

TEST_F(SearchTest, ASearchThatIsStoppedStopsItsTrialsAndGoesOn) {
  const auto arguments = search("run", {"--trials", "3", "--rungs", "1", "--without-given"});
  const int ended = interrupt(arguments, "run", 3, [&] {
    EXPECT_EQ(cellwright({"jobs", "cancel", in("run")}).exit_code, 0);
  });
  EXPECT_EQ(ended, 4) << content("err.txt");
  for (const auto& entry : fs::directory_iterator(in("run/trials"))) {
    EXPECT_EQ(engine_of("run/trials/" + entry.path().filename().string()), 0) << entry.path();
  }
  const Json result = succeed({"resume", in("run")});
  EXPECT_EQ(result["trained_to_the_end"], 3);
  EXPECT_TRUE(result["baseline"].is_null());
  EXPECT_TRUE(fs::exists(in("run/best/model/model.safetensors")));
}

TEST_F(SearchTest, ATrialThatDivergesHasFailedAndTheOthersGoOn) {
  const Json result =
      succeed(search("run", {"--trials", "4", "--rungs", "1", "--without-given", "--sampler", "random", "--seed", "1",
                             "--weight-decay", "10", "--search", "learning_rate=1e-4,10"}));
  EXPECT_GT(result["failed"].get<int>(), 0) << content("run/trials.csv");
  EXPECT_GT(result["trained_to_the_end"].get<int>(), 0) << content("run/trials.csv");
  EXPECT_NE(content("run/trials.csv").find("diverged"), std::string::npos);
}

TEST_F(SearchTest, GenesAreSearchedOnOneFoldWhoseTestGenesNoTrialSees) {
  ASSERT_TRUE(
      write_file_atomically(in("classes.json"), R"({"ribosome": ["RPS3", "RPS6", "RPL3", "RPL5", "RPS8", "RPL10"],
      "immune": ["CD74", "B2M", "ISG15", "LYZ", "NKG7", "FTH1"]})")
          .ok());
  const Json result = succeed({"search",
                               "genes",
                               in("k.tokens.h5"),
                               "--model",
                               model_,
                               "--classes",
                               in("classes.json"),
                               "--max-cells",
                               "40",
                               "--folds",
                               "2",
                               "--validation",
                               "0.4",
                               "--trials",
                               "2",
                               "--rungs",
                               "1",
                               "--search",
                               "learning_rate=1e-4:1e-3",
                               "--out",
                               in("run")});
  EXPECT_EQ(result["best_run"]["folds"], 1) << result.dump();
  EXPECT_TRUE(fs::exists(in("run/best/gene_predictions.csv")));
}

TEST_F(SearchTest, ASearchIsOverwrittenOnlyWhenAskedAndNothingElseIs) {
  fs::create_directories(in("run/trials/mine"));
  auto arguments = search("run", {"--trials", "1", "--rungs", "1", "--without-given", "--search", "clip=1,1"});
  static_cast<void>(succeed(arguments));
  const auto first = fs::last_write_time(in("run/best/model/model.safetensors"));
  EXPECT_NE(cellwright(arguments).err.find("E-IO-005"), std::string::npos);
  EXPECT_EQ(fs::last_write_time(in("run/best/model/model.safetensors")), first);
  arguments.emplace_back("--overwrite");
  static_cast<void>(succeed(arguments));
  EXPECT_GT(fs::last_write_time(in("run/best/model/model.safetensors")), first) << "it was searched again";
  EXPECT_TRUE(fs::exists(in("run/trials/mine"))) << "not a trial";
}

TEST_F(SearchTest, WhatCannotBeSearchedIsRefusedBeforeAnythingRuns) {
  const auto refused = [&](const std::vector<std::string>& more, const std::string& id) {
    auto arguments = cells("search", "run");
    const auto given = std::find(arguments.begin(), arguments.end(), more[0]);  // one of them with another value
    if (given != arguments.end()) {
      *(given + 1) = more[1];
    } else {
      arguments.insert(arguments.end(), more.begin(), more.end());
    }
    const auto outcome = cellwright(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_NE(outcome.err.find(id), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(in("run/trials")));
  };
  refused({"--search", "learning_rate"}, "E-SRC-001");
  refused({"--search", "learning_rate=0:1e-3:log"}, "E-SRC-001");
  refused({"--search", "learning_rate=high,low"}, "E-SRC-001");
  refused({"--search", "freeze_layers=0:1.5"}, "E-SRC-001");
  refused({"--search", "schedule=0:1"}, "E-SRC-001");
  refused({"--search", "seed=0:100"}, "E-SRC-002");
  refused({"--search", "label=a,b"}, "E-SRC-002");
  refused({"--search", "schedule=linear,stepwise"}, "--schedule");
  refused({"--search", "batch_size=0:8"}, "--batch-size");
  refused({"--trials", "0"}, "--trials");
  refused({"--keep", "1"}, "--keep");
  refused({"--validation", "0"}, "E-SRC-004");
  ASSERT_TRUE(write_file_atomically(in("odd.json"), R"({"learning_rat": 1})").ok());
  refused({"--options", in("odd.json")}, "E-ARG-005");
  ASSERT_TRUE(write_file_atomically(in("odd.json"), "[1]").ok());
  const auto list = cellwright(search("run", {"--options", in("odd.json")}));
  EXPECT_EQ(list.exit_code, 3);
  EXPECT_NE(list.err.find("E-ARG-004"), std::string::npos) << list.err;
}

}  // namespace
}  // namespace cw
