// SPDX-License-Identifier: GPL-3.0-or-later
// A run in several processes at once, put together, is the run.
#include "tests/support/command_line_test.h"
#include "tests/support/running_program.h"

#include <csignal>
#include <thread>

namespace cw {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class ShardsTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    model_ = small_model("model", 1);
    static_cast<void>(succeed({"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1",
                               "--max-length", "128", "--keep", "cell_type", "--out", in("k.tokens.h5")}));
  }
  std::vector<std::string> command(const std::string& kind, const std::string& out,
                                   const std::vector<std::string>& more) const {
    std::vector<std::string> all = {kind, in("k.tokens.h5"), "--model", model_, "--out", in(out)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> perturb(const std::string& out, std::vector<std::string> more) const {
    more.insert(more.end(), {"--delete", "all", "--max-cells", "300", "--gene-effects"});
    return command("perturb", out, more);
  }
  [[nodiscard]] std::string bytes(const std::string& name) const {
    const auto text = read_file(in(name));
    EXPECT_TRUE(text.ok()) << name;
    return text.ok() ? *text : std::string();
  }
  static std::size_t count_of(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
    return count;
  }

  std::string model_;
};

TEST_F(ShardsTest, EmbeddingsInPartsAreTheFileOfOneRun) {
  static_cast<void>(succeed(command("embed", "e.h5ad", {"--csv", in("e.csv"), "--summary", "mean"})));
  const std::string csv = bytes("e.csv");
  const Json merged = succeed(command("embed", "s.h5ad", {"--csv", in("s.csv"), "--summary", "mean", "--shards", "3"}));
  EXPECT_EQ(merged["output"], in("s.h5ad"));
  EXPECT_TRUE(bytes("s.csv") == csv);
  EXPECT_FALSE(fs::exists(in("s.h5ad.parts"))) << "parts are removed once they are put together";
  const auto again = cellwright(command("embed", "s.h5ad", {"--shards", "3"}));
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("E-IO-005"), std::string::npos) << again.err;
}

TEST_F(ShardsTest, PartsByHandAreMergedInAnyOrder) {
  static_cast<void>(succeed(perturb("whole", {})));
  for (const char* part : {"1/2", "2/2"}) {
    static_cast<void>(succeed(perturb(std::string("part") + part[0], {"--shard", part})));
  }
  static_cast<void>(succeed({"merge", in("part2"), in("part1"), "--out", in("merged")}));
  EXPECT_TRUE(bytes("merged/effects.h5") == bytes("whole/effects.h5"));
  const auto wrong = cellwright(perturb("part3", {"--shard", "3"}));
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("E-ARG-002"), std::string::npos) << wrong.err;
}

TEST_F(ShardsTest, AKilledPartIsDoneAgainAlone) {
  static_cast<void>(succeed(perturb("whole", {})));
  const auto in_parts = perturb("run", {"--shards", "3"});
  RunningProgram program(fs::path(CW_BIN_DIR) / "cellwright", in_parts, folder_ / "running.out",
                         folder_ / "running.err");
  const fs::path second = folder_ / "run.parts" / "2-of-3";
  pid_t engine = 0;
  for (int i = 0; i < 20'000 && engine == 0; ++i) {
    const auto state = read_json(second / "state.json");
    if (state.ok() && state->value("state", "") == "running") engine = state->value("process", 0);
    std::this_thread::sleep_for(milliseconds(2));
  }
  ASSERT_GT(engine, 0);
  ASSERT_EQ(::kill(engine, SIGKILL), 0);
  EXPECT_EQ(program.wait(milliseconds(90'000)), 5) << *read_file(folder_ / "running.err");
  EXPECT_NE(read_file(folder_ / "running.err")->find("2-of-3"), std::string::npos);
  const std::string events_of_first = bytes("run.parts/1-of-3/events.jsonl");
  EXPECT_EQ(count_of(events_of_first, "\"finished\""), 1U) << "the others come to their end";
  auto again = in_parts;
  again.emplace_back("--verbose");
  const auto outcome = cellwright(again);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(count_of(outcome.err, "\"type\":\"resumed\""), 1U) << "the second part";
  EXPECT_EQ(count_of(outcome.err, "\"type\":\"started\""), 1U) << "putting together";
  EXPECT_TRUE(bytes("run/effects.h5") == bytes("whole/effects.h5"));
  EXPECT_FALSE(fs::exists(in("run.parts")));
}

}  // namespace
}  // namespace cw
