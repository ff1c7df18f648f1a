// SPDX-License-Identifier: GPL-3.0-or-later
// The real engine, stopped in every way: killed, cancelled, without its input, without space.
#include "core/effects/effects_file.h"
#include "tests/support/command_line_test.h"
#include "tests/support/running_program.h"

#include <sys/resource.h>

#include <random>

namespace cw {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kPatience{90'000};

class KillTest : public CommandLineTest {
 protected:
  void SetUp() override {
    CommandLineTest::SetUp();
    model_ = small_model("model", 1);
    static_cast<void>(succeed({"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1",
                               "--max-length", "128", "--keep", "cell_type", "--out", in("k.tokens.h5")}));
  }

  std::vector<std::string> perturb(const std::string& run, int cells) const {
    return perturb_of(in("k.tokens.h5"), run, cells);
  }
  std::vector<std::string> perturb_of(const std::string& input, const std::string& run, int cells) const {
    return {"perturb", input,  "--model", model_, "--delete", "all", "--max-cells", std::to_string(cells),
            "--out",   in(run)};
  }
  std::vector<std::string> pretrain(const std::string& run, int steps) const {
    return {"pretrain",
            in("k.tokens.h5"),
            "--config",
            model_ + "/config.json",
            "--steps",
            std::to_string(steps),
            "--tokens-per-batch",
            "1024",
            "--checkpoint-every",
            "4",
            "--validation",
            "0",
            "--out",
            in(run)};
  }

  [[nodiscard]] std::unique_ptr<RunningProgram> start(const std::vector<std::string>& arguments) const {
    return std::make_unique<RunningProgram>(fs::path(CW_BIN_DIR) / "cellwright", arguments, folder_ / "running.out",
                                            folder_ / "running.err");
  }
  [[nodiscard]] std::string errors() const {
    const auto text = read_file(folder_ / "running.err");
    return text.ok() ? *text : std::string();
  }

  static Json state_of(const std::string& run) {
    const auto state = read_json(fs::path(run) / "state.json");
    return state.ok() ? *state : Json::object();
  }
  static pid_t engine_of(const std::string& run) {
    const Json state = state_of(run);
    return state.value("state", "") == "running" ? state.value("process", 0) : 0;
  }
  template <class Condition>
  static bool wait_until(Condition condition) {
    const auto end = Clock::now() + kPatience;
    while (!condition()) {
      if (Clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(3));
    }
    return true;
  }
  static int num_events(const std::string& run, const std::string& type) {
    const auto events = read_file(fs::path(run) / "events.jsonl");
    if (!events.ok()) return 0;
    int count = 0;
    const std::string wanted = "\"type\":\"" + type + "\"";
    for (auto at = events->find(wanted); at != std::string::npos; at = events->find(wanted, at + 1)) ++count;
    return count;
  }
  static bool has_event(const std::string& run, const std::string& type) { return num_events(run, type) > 0; }
  /// Passes of the model have begun.
  static bool computes(const std::string& run) { return engine_of(run) != 0 && has_event(run, "progress"); }

  /// Kills the engine of `run` at a random moment until it comes to an end by itself; gives the number of kills.
  int kill_until_done(const std::vector<std::string>& command, const std::string& run, int most_kills, int spread_ms) {
    std::mt19937 random(17);
    std::vector<std::string> arguments = command;
    for (int kills = 0;; ++kills) {
      auto program = start(arguments);
      if (kills < most_kills) {
        const auto events_before = num_events(run, "progress");
        wait_until(
            [&] { return num_events(run, "progress") > events_before || program->wait(milliseconds(0)).has_value(); });
        std::this_thread::sleep_for(milliseconds(random() % static_cast<unsigned>(spread_ms)));
        if (const pid_t engine = engine_of(run); engine > 0) ::kill(engine, SIGKILL);
      }
      const auto ended = program->wait(kPatience);
      EXPECT_TRUE(ended.has_value()) << "the command hangs";
      if (!ended || *ended == 0) return kills;
      EXPECT_EQ(*ended, 5) << errors();
      EXPECT_NE(errors().find("error [E-JOB-009]"), std::string::npos) << errors();
      EXPECT_NE(errors().find("cellwright resume"), std::string::npos) << errors();
      if (testing::Test::HasFailure()) return kills;
      arguments = {"resume", run};
    }
  }

  std::string model_;
};

TEST_F(KillTest, AKilledPerturbationGoesOnToTheSameFile) {
  static_cast<void>(succeed(perturb("whole", 500)));
  EXPECT_GT(kill_until_done(perturb("killed", 500), in("killed"), 3, 500), 0);
  const auto whole = read_file(in("whole") + "/effects.h5");
  const auto killed = read_file(in("killed") + "/effects.h5");
  ASSERT_TRUE(whole.ok() && killed.ok());
  const auto a = read_effects(in("whole"));
  const auto b = read_effects(in("killed"));
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->cell, b->cell);
  EXPECT_EQ(a->perturbation, b->perturbation);
  EXPECT_EQ(a->cosine, b->cosine);
  EXPECT_EQ(a->rank, b->rank);
  EXPECT_TRUE(*whole == *killed) << "the same rows, but other bytes";
}

// The tokens are made anew on the way, later than in the first run: that is no other run.
TEST_F(KillTest, AKilledPerturbationOfCountsGoesOn) {
  const std::string counts = test_data("datasets/kang_pbmc_labelled.h5ad");
  static_cast<void>(succeed(perturb_of(counts, "whole", 100)));
  EXPECT_GT(kill_until_done(perturb_of(counts, "killed", 100), in("killed"), 2, 300), 0);
  const auto whole = read_effects(in("whole"));
  const auto killed = read_effects(in("killed"));
  ASSERT_TRUE(whole.ok() && killed.ok());
  EXPECT_EQ(whole->perturbation, killed->perturbation);
  EXPECT_EQ(whole->cosine, killed->cosine);
}

TEST_F(KillTest, AMovedRunGoesOnInTheFolderGiven) {
  auto program = start(perturb("first", 500));
  ASSERT_TRUE(wait_until([&] { return computes(in("first")); })) << errors();
  ::kill(engine_of(in("first")), SIGKILL);
  EXPECT_EQ(program->wait(kPatience), 5) << errors();
  fs::create_directory(in("away"));
  fs::rename(in("first"), in("away/second"));
  const Json result = succeed({"resume", in("away/second")});
  EXPECT_EQ(result["effects"], in("away/second") + "/effects.h5");
  EXPECT_FALSE(fs::exists(in("first")));
  static_cast<void>(succeed(perturb("whole", 500)));
  const auto whole = read_file(in("whole") + "/effects.h5");
  const auto moved = read_file(in("away/second") + "/effects.h5");
  ASSERT_TRUE(whole.ok() && moved.ok());
  EXPECT_TRUE(*whole == *moved);
}

TEST_F(KillTest, AKilledTrainingGoesOnToTheSameModel) {
  static_cast<void>(succeed(pretrain("whole", 60)));
  EXPECT_GT(kill_until_done(pretrain("killed", 60), in("killed"), 3, 900), 0);
  const auto whole = read_file(in("whole") + "/model/model.safetensors");
  const auto killed = read_file(in("killed") + "/model/model.safetensors");
  ASSERT_TRUE(whole.ok() && killed.ok());
  EXPECT_TRUE(*whole == *killed);
}

// Other work on the machine only adds time: the best of three attempts is the program's own.
TEST_F(KillTest, CtrlCIsAnsweredWithinHalfASecond) {
  milliseconds best = kPatience;
  for (int attempt = 0; attempt < 3 && best > milliseconds(500); ++attempt) {
    const std::string run = "run" + std::to_string(attempt);
    auto program = start(perturb(run, 900));
    ASSERT_TRUE(wait_until([&] { return computes(in(run)); })) << errors();
    const auto asked = Clock::now();
    program->send(SIGINT);
    EXPECT_EQ(program->wait(kPatience), 4) << errors();
    best = std::min(best, std::chrono::duration_cast<milliseconds>(Clock::now() - asked));
    EXPECT_EQ(state_of(in(run))["state"], "cancelled");
    EXPECT_TRUE(has_event(in(run), "cancelled"));
    EXPECT_FALSE(fs::exists(in(run) + "/effects.h5"));
  }
  EXPECT_LE(best.count(), 500);
}

TEST_F(KillTest, CtrlCEndsSeveralTrainingProcessesWithinHalfASecond) {
  milliseconds best = kPatience;
  for (int attempt = 0; attempt < 3 && best > milliseconds(500); ++attempt) {
    const std::string run = "run" + std::to_string(attempt);
    auto command = pretrain(run, 100'000);
    command.insert(command.end(), {"--processes", "2"});
    auto program = start(command);
    ASSERT_TRUE(wait_until([&] { return has_event(in(run), "checkpoint"); })) << errors();
    const auto asked = Clock::now();
    program->send(SIGINT);
    EXPECT_EQ(program->wait(kPatience), 4) << errors();
    best = std::min(best, std::chrono::duration_cast<milliseconds>(Clock::now() - asked));
    EXPECT_EQ(state_of(in(run))["state"], "cancelled");
    EXPECT_EQ(cellwright({"resume", in(run), "--detach"}).exit_code, 0) << "nothing is in the way of going on";
    EXPECT_TRUE(wait_until([&] { return computes(in(run)); }));
    EXPECT_EQ(cellwright({"jobs", "cancel", in(run)}).exit_code, 0);
    EXPECT_TRUE(wait_until([&] { return state_of(in(run))["state"] == "cancelled"; }));
  }
  EXPECT_LE(best.count(), 500);
}

TEST_F(KillTest, JobsCancelStopsARunFromOutside) {
  milliseconds best = kPatience;
  for (int attempt = 0; attempt < 3 && best > milliseconds(500); ++attempt) {
    const std::string run = "run" + std::to_string(attempt);
    auto program = start(perturb(run, 900));
    ASSERT_TRUE(wait_until([&] { return computes(in(run)); })) << errors();
    EXPECT_EQ(cellwright({"jobs", "cancel", in(run)}).exit_code, 0);
    const auto asked = Clock::now();
    EXPECT_EQ(program->wait(kPatience), 4) << errors();
    best = std::min(best, std::chrono::duration_cast<milliseconds>(Clock::now() - asked));
  }
  EXPECT_LE(best.count(), 500);
}

TEST_F(KillTest, ACrashOfTheEngineIsReportedAsABug) {
  auto program = start(perturb("run", 900));
  ASSERT_TRUE(wait_until([&] { return computes(in("run")); })) << errors();
  ::kill(engine_of(in("run")), SIGSEGV);
  EXPECT_EQ(program->wait(kPatience), 1);
  EXPECT_NE(errors().find("error [E-JOB-009]"), std::string::npos) << errors();
  EXPECT_NE(errors().find("signal 11"), std::string::npos) << errors();
  EXPECT_NE(errors().find(in("run") + "/log"), std::string::npos) << errors();
  EXPECT_EQ(state_of(in("run"))["state"], "failed");
}

TEST_F(KillTest, AnInputThatVanishesEndsInAClearState) {
  auto program = start(perturb("run", 30));
  ASSERT_TRUE(wait_until([&] { return computes(in("run")); })) << errors();
  fs::remove(in("k.tokens.h5"));
  const auto ended = program->wait(kPatience);
  ASSERT_TRUE(ended.has_value());
  // what is read already may be enough to finish; if not, the sentence names the file
  EXPECT_TRUE(*ended == 0 || (*ended == 3 && errors().find("k.tokens.h5") != std::string::npos)) << *ended << errors();
  EXPECT_EQ(state_of(in("run"))["state"], *ended == 0 ? "done" : "failed");
  if (*ended != 0) return;
  fs::remove_all(in("run") + "/effects.h5");
  const auto again = cellwright({"resume", in("run")});
  EXPECT_EQ(again.exit_code, 3) << again.err;
  EXPECT_NE(again.err.find("k.tokens.h5"), std::string::npos) << again.err;
}

// The limit on the size of a file stands for a quota; it is inherited by the engine.
TEST_F(KillTest, AQuotaThatIsReachedEndsWithAClearSentence) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  for (const bool tokens : {true, false}) {
    const rlimit small = {64 * 1024, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto outcome = tokens ? cellwright({"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary",
                                              "v1", "--out", in("t.h5")})
                                : cellwright(perturb("quota", 200));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
    EXPECT_NE(outcome.err.find("error [E-IO-003]"), std::string::npos) << outcome.err;
  }
  EXPECT_FALSE(fs::exists(in("t.h5")));
  for (const auto& name : names_below(folder_)) EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
  // with room again it goes on
  static_cast<void>(succeed({"resume", in("quota")}));
  EXPECT_TRUE(fs::exists(in("quota/effects.h5")));
}

// Less and less memory until every command has run out of it, at another place each time; then in small steps around
// the place where it begins, where libraries lack a few bytes.
#ifndef __SANITIZE_ADDRESS__
TEST_F(KillTest, LackOfMemoryEndsWithAClearSentence) {
  constexpr rlim_t kMegabyte = 1U << 20U;
  constexpr rlim_t kCoarse = 60 * kMegabyte;
  constexpr rlim_t kFine = 6 * kMegabyte;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  const auto fails_within = [&](const std::vector<std::string>& command, rlim_t bytes) {
    const rlimit little = {bytes, before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_AS, &little), 0);
    const auto outcome = cellwright(command);
    EXPECT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
    const fs::path result = in("out");
    const fs::path run = fs::is_directory(result) ? result : fs::path(in("out.run"));
    if (outcome.exit_code != 0) {
      const std::string what = command[0] + " in " + std::to_string(bytes / kMegabyte) + " MB: " + outcome.err;
      EXPECT_EQ(outcome.exit_code, 5) << what;
      EXPECT_NE(outcome.err.find("error [E-"), std::string::npos) << what;
      EXPECT_NE(outcome.err.find("memory"), std::string::npos) << what;
      EXPECT_EQ(state_of(run)["state"], "failed") << what;
      EXPECT_FALSE(fs::is_regular_file(result)) << what;
      EXPECT_FALSE(fs::exists(result / "effects.h5")) << what;
      EXPECT_FALSE(fs::exists(result / "model")) << what;
    }
    fs::remove_all(result);
    fs::remove_all(in("out.run"));
    return outcome.exit_code != 0;
  };
  const std::string data = test_data("datasets/kang_pbmc_labelled.h5ad");
  const std::vector<std::vector<std::string>> commands = {
      {"tokenize", data, "--dictionary", "v1", "--out", in("out")},
      {"embed", in("k.tokens.h5"), "--model", model_, "--out", in("out")},
      {"perturb", in("k.tokens.h5"), "--model", model_, "--delete", "all", "--max-cells", "2", "--out", in("out")},
      {"pretrain", in("k.tokens.h5"), "--config", model_ + "/config.json", "--steps", "1", "--out", in("out")},
      {"markers", data, "--groups", "cell_type", "--out", in("out")}};
  for (const auto& command : commands) {
    rlim_t first_failure = 0;
    for (rlim_t bytes = 650 * kMegabyte; bytes >= 350 * kMegabyte; bytes -= kCoarse) {
      if (fails_within(command, bytes)) first_failure = std::max(first_failure, bytes);
    }
    EXPECT_GT(first_failure, 0U) << command[0];
    for (rlim_t bytes = first_failure + kFine; bytes < first_failure + kCoarse; bytes += kFine) {
      static_cast<void>(fails_within(command, bytes));
    }
  }
}
#endif

/// Commands that write more than a quarter of a megabyte below a folder: a file, a run and a model.
class FullDiskTest : public KillTest {
 protected:
  void SetUp() override {
    KillTest::SetUp();
    fs::create_directory(in("disk"));
  }
  [[nodiscard]] std::vector<std::vector<std::string>> commands() const {
    return {{"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1", "--out", in("disk/t.h5")},
            perturb("disk/run", 200),
            {"model", "new", "--config", model_ + "/config.json", "--out", in("disk/model")}};
  }
  static void expect_no_space(const std::string& command, const ProgramOutcome& outcome) {
    EXPECT_EQ(outcome.exit_code, 5) << command << ": " << outcome.err;
    EXPECT_NE(outcome.err.find("error [E-IO-003]"), std::string::npos) << command << ": " << outcome.err;
  }
};

TEST_F(FullDiskTest, AWriteThatFindsNoSpaceEndsWithAClearSentence) {
  ::setenv("CW_FULL_DISK", in("disk").c_str(), 1);
  // an address sanitizer, where there is one, otherwise refuses to start behind a preloaded library
  ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
  for (const char* bytes : {"60000", "250000"}) {
    ::setenv("CW_FULL_DISK_BYTES", bytes, 1);
    for (const auto& command : commands()) {
      ::setenv("LD_PRELOAD", CW_FULL_DISK_LIBRARY, 1);
      const auto outcome = cellwright(command);
      ::unsetenv("LD_PRELOAD");
      expect_no_space(command[0] + " with " + bytes + " bytes", outcome);
      EXPECT_FALSE(fs::exists(in("disk/t.h5")));
      EXPECT_FALSE(fs::exists(in("disk/run/effects.h5")));
      EXPECT_FALSE(fs::exists(in("disk/model")));
      for (const auto& name : names_below(in("disk"))) EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
      fs::remove_all(in("disk"));
      fs::create_directory(in("disk"));
    }
  }
  ::unsetenv("CW_FULL_DISK");
  ::unsetenv("CW_FULL_DISK_BYTES");
  ::unsetenv("ASAN_OPTIONS");
}

// The same on a real file system of 256 kB, in a name space of its own: as root, or as anybody where the kernel lets
// people have one (Debian does).
TEST_F(FullDiskTest, AFullFileSystemEndsWithAClearSentence) {
  const auto on_small_disk = [&](const std::vector<std::string>& command) {
    std::vector<std::string> all = {"--mount",
                                    "sh",
                                    "-c",
                                    "mount -t tmpfs -o size=256k tmpfs \"$1\" || exit 77; disk=$1; shift; \"$@\"; "
                                    "code=$?; [ ! -e \"$disk/t.h5\" ] || exit 78; exit $code",
                                    "sh",
                                    in("disk")};
    if (::geteuid() != 0) all.insert(all.begin(), {"--user", "--map-root-user"});
    all.insert(all.end(), command.begin(), command.end());
    return run_program_to_end("/usr/bin/unshare", all, folder_);
  };
  if (const auto probe = on_small_disk({"true"}); probe.exit_code != 0) {
    GTEST_SKIP() << "this machine (a container, most likely) forbids mounts in name spaces of one's own: " << probe.err
                 << "AWriteThatFindsNoSpaceEndsWithAClearSentence tests the same writes without a mount";
  }
  for (auto command : commands()) {
    const std::string name = command[0];
    command.insert(command.begin(), (fs::path(CW_BIN_DIR) / "cellwright").string());
    expect_no_space(name, on_small_disk(command));
  }
}

}  // namespace
}  // namespace cw
