// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs on another machine through a real sshd: the same results, whatever happens to the line, the engine or us.
#include "core/effects/effects_file.h"
#include "tests/support/remote_test.h"

#include <sys/stat.h>

namespace cw {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{240'000};
// an address sanitizer, where the engine has one, otherwise refuses to start behind a preloaded library
const std::pair<const std::string, std::string> kAnyLibraryFirst{"ASAN_OPTIONS", "verify_asan_link_order=0"};

class RemoteJobTest : public RemoteTest {
 protected:
  void expect_equal_runs(const std::string& one, const std::string& other) const {
    const auto a = read_effects(in(one));
    const auto b = read_effects(in(other));
    ASSERT_TRUE(a.ok()) << a.error().message;
    ASSERT_TRUE(b.ok()) << b.error().message;
    EXPECT_GT(a->cosine.size(), 0U);
    EXPECT_EQ(a->cell, b->cell);
    EXPECT_EQ(a->perturbation, b->perturbation);
    EXPECT_EQ(a->cosine, b->cosine);
    EXPECT_EQ(a->rank, b->rank);
  }
  // changes whenever the file is written anew
  static ino_t inode_of(const fs::path& file) {
    struct stat found {};
    return ::stat(file.c_str(), &found) == 0 ? found.st_ino : 0;
  }
  static int engine_of(const fs::path& run) {
    const Json state = state_of(run);
    return state.value("state", "") == "running" ? state.value("process", 0) : 0;
  }
};

TEST_F(RemoteJobTest, AnEmbeddingThereEqualsTheOneHere) {
  const Json here = succeed(embed("here", 40));
  const Json far = succeed(there(embed("far", 40)));
  EXPECT_EQ(far.value("rows", 0), 40);
  EXPECT_EQ(far["output"], in("far.h5ad")) << "the summary names the files here";
  EXPECT_TRUE(fs::exists(in("far.h5ad")));
  EXPECT_EQ(bytes_of(in("far.csv")), bytes_of(in("here.csv")));
  const Json job = succeed({"jobs", "show", in("far.h5ad.run")});
  EXPECT_EQ(job["state"], "done");
  EXPECT_EQ(job["machine"], "far");
  EXPECT_EQ(bytes_of(in("far.h5ad.run/events.jsonl")), bytes_of(place() / "far.h5ad.run/events.jsonl"));
}

// The whole search runs there, its trials beside it; what comes back is the best run, the table and the settings.
TEST_F(RemoteJobTest, ASearchThereFindsWhatOneHereFinds) {
  const auto search = [&](const std::string& out) {
    return std::vector<std::string>{"search",
                                    "cells",
                                    cells(),
                                    "--model",
                                    model_,
                                    "--label",
                                    "cell_type",
                                    "--group",
                                    "none",
                                    "--max-cells",
                                    "60",
                                    "--epochs",
                                    "1",
                                    "--validation",
                                    "0.2",
                                    "--test",
                                    "0.2",
                                    "--no-baselines",
                                    "--trials",
                                    "2",
                                    "--rungs",
                                    "1",
                                    "--without-given",
                                    "--search",
                                    "learning_rate=1e-4:1e-2:log",
                                    "--out",
                                    in(out)};
  };
  const Json here = succeed(search("here"));
  const Json far = succeed(there(search("far")));
  EXPECT_EQ(far["best"], here["best"]);
  EXPECT_EQ(far["run"], in("far/best")) << "the summary names the files here";
  EXPECT_EQ(bytes_of(in("far/best.json")), bytes_of(in("here/best.json")));
  EXPECT_TRUE(bytes_of(in("far/best/model/model.safetensors")) == bytes_of(in("here/best/model/model.safetensors")));
  EXPECT_TRUE(fs::exists(in("far/trials.csv")));
}

TEST_F(RemoteJobTest, EngineAndDataAreSentOnce) {
  static_cast<void>(succeed(there(embed("first", 10))));
  const auto before = names_below(root() / "store");
  const auto engines = names_below(root() / "engines").size();
  std::map<std::string, fs::file_time_type> times;
  for (const auto& name : before) times[name] = fs::last_write_time(root() / "store" / name);
  fs::copy_file(cells(), in("the same under another name.h5ad"));
  auto again = there(embed("second", 10));
  static_cast<void>(succeed(again));
  EXPECT_EQ(names_below(root() / "store"), before);
  EXPECT_EQ(names_below(root() / "engines").size(), engines);
  for (const auto& name : before) EXPECT_EQ(fs::last_write_time(root() / "store" / name), times[name]) << name;
}

TEST_F(RemoteJobTest, TenCutsLoseNothing) {
  static_cast<void>(succeed(perturb("here", 120)));
  auto program = start(there(perturb("far", 120)));
  ASSERT_TRUE(wait_until([&] { return engine_of(place() / "far") > 0; })) << errors();
  const int engine = engine_of(place() / "far");
  ASSERT_GT(engine, 0) << "the job was over too soon";
  for (int i = 0; i < 10; ++i) {
    ::kill(engine, SIGSTOP);  // so that it is not over too soon, however fast the machine is
    const auto before = inode_of(in("far/state.json"));
    ASSERT_TRUE(wait_until([&] { return ssh_->cut_connections() > 0; }));
    ASSERT_TRUE(wait_until([&] { return inode_of(in("far/state.json")) != before; })) << "cut " << i << errors();
    ::kill(engine, SIGCONT);
    std::this_thread::sleep_for(milliseconds(50));
  }
  const auto code = program->wait(kPatience);
  ASSERT_TRUE(code.has_value()) << "the command hangs";
  EXPECT_EQ(*code, 0) << errors();
  EXPECT_NE(errors().find("W-MCH-002"), std::string::npos) << errors();
  EXPECT_EQ(bytes_of(in("far/events.jsonl")), bytes_of(place() / "far/events.jsonl"));
  expect_equal_runs("here", "far");
}

TEST_F(RemoteJobTest, TheJobOutlivesItsFollower) {
  static_cast<void>(succeed(perturb("here", 120)));
  auto program = start(there(perturb("far", 120)));
  ASSERT_TRUE(wait_until([&] { return engine_of(place() / "far") > 0; })) << errors();
  program->send(SIGKILL);
  static_cast<void>(program->wait_to_end());
  EXPECT_EQ(state_of(in("far")).value("state", "").find("done"), std::string::npos);
  // two windows on one job: one of them asks the machine, both see the end
  auto one = start({"jobs", "follow", in("far")}, "one");
  auto two = start({"jobs", "follow", in("far")}, "two");
  EXPECT_EQ(one->wait(kPatience).value_or(-1), 0) << errors("one");
  EXPECT_EQ(two->wait(kPatience).value_or(-1), 0) << errors("two");
  expect_equal_runs("here", "far");
}

TEST_F(RemoteJobTest, AKilledEngineIsNoticedAndTheJobGoesOn) {
  static_cast<void>(succeed(perturb("here", 120)));
  auto program = start(there(perturb("far", 120)));
  ASSERT_TRUE(wait_until([&] { return engine_of(place() / "far") > 0; })) << errors();
  const int engine = engine_of(place() / "far");
  ASSERT_GT(engine, 0) << "the job was over too soon";
  ASSERT_EQ(::kill(engine, SIGKILL), 0);
  EXPECT_EQ(program->wait(kPatience).value_or(-1), 1) << errors();
  EXPECT_NE(errors().find("E-JOB-009"), std::string::npos) << errors();
  EXPECT_EQ(state_of(in("far"))["state"], "lost");
  static_cast<void>(succeed({"resume", in("far")}));
  expect_equal_runs("here", "far");
}

TEST_F(RemoteJobTest, ACancelledJobStopsThereAndGoesOnLater) {
  const Json started = succeed(there({"perturb", cells(), "--model", model_, "--delete", "all", "--out", in("far"),
                                      "--max-cells", "400", "--detach"}));
  ASSERT_TRUE(wait_until([&] { return engine_of(place() / "far") > 0; }));
  const int engine = engine_of(place() / "far");
  ASSERT_GT(engine, 0) << "the job was over too soon";
  static_cast<void>(succeed({"jobs", "cancel", started["job"]}));
  const auto followed = cellwright({"jobs", "follow", started["job"]});
  EXPECT_EQ(followed.exit_code, 4) << followed.err;
  EXPECT_EQ(state_of(in("far"))["state"], "cancelled");
  EXPECT_TRUE(wait_until([&] { return !fs::exists("/proc/" + std::to_string(engine) + "/exe"); }))
      << "the engine is still there";
  static_cast<void>(succeed({"jobs", "resume", started["job"]}));
  EXPECT_EQ(state_of(in("far"))["state"], "done");
  EXPECT_TRUE(fs::exists(in("far/effects.h5")));
}

TEST_F(RemoteJobTest, AStartOrderedTwiceStartsOnce) {
  const Json started = succeed(there(embed("far", 10)));
  EXPECT_EQ(started.value("rows", 0), 10);
  // the answer to the order is lost: as far as we know the job was never started
  Json note = *read_json(in("far.h5ad.run/machine.json"));
  note["started"] = false;
  ASSERT_TRUE(write_json(in("far.h5ad.run/machine.json"), note).ok());
  static_cast<void>(succeed({"resume", in("far.h5ad.run")}));
  const std::string events = bytes_of(place() / "far.h5ad.run/events.jsonl");
  EXPECT_EQ(events.find("\"resumed\""), std::string::npos);
}

TEST_F(RemoteJobTest, AnEngineThatVanishesIsSentAgain) {
  const Json started =
      succeed(there({"embed", cells(), "--model", model_, "--max-cells", "10", "--out", in("far.h5ad"), "--detach"}));
  ASSERT_TRUE(wait_until([&] { return state_of(place() / "far.h5ad.run").value("state", "") == "done"; }));
  fs::remove_all(root() / "engines");
  const auto followed = cellwright({"jobs", "follow", started["job"]});
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_TRUE(fs::exists(in("far.h5ad")));
}

TEST_F(RemoteJobTest, AJobWhoseFolderWasClearedSaysSo) {
  const Json started = succeed(there({"perturb", cells(), "--model", model_, "--delete", "all", "--out", in("far"),
                                      "--max-cells", "200", "--detach"}));
  ASSERT_TRUE(wait_until([&] { return engine_of(place() / "far") > 0; }));
  const int engine = engine_of(place() / "far");
  ASSERT_GT(engine, 0) << "the job was over too soon";
  fs::remove_all(root() / "jobs");
  const auto followed = cellwright({"jobs", "follow", started["job"]});
  EXPECT_EQ(followed.exit_code, 3) << followed.err;
  EXPECT_NE(followed.err.find("error [E-MCH-034]"), std::string::npos) << followed.err;
  EXPECT_EQ(state_of(in("far"))["state"], "failed");
  ::kill(engine, SIGKILL);
}

TEST_F(RemoteJobTest, AFullDiskThereEndsWithAClearSentence) {
  ssh_->serve({{"LD_PRELOAD", CW_FULL_DISK_LIBRARY},
               {"CW_FULL_DISK", (root() / "store").string()},
               {"CW_FULL_DISK_BYTES", "100000"},
               kAnyLibraryFirst});
  fs::remove_all(root() / "store");
  const auto full = cellwright(there(embed("far", 10)));
  ssh_->serve({});
  EXPECT_EQ(full.exit_code, 5) << full.err;
  EXPECT_NE(full.err.find("error [E-MCH-021]"), std::string::npos) << full.err;
  // once there is space it goes on, with the part that had arrived
  static_cast<void>(succeed({"resume", in("far.h5ad.run")}));
  EXPECT_TRUE(fs::exists(in("far.h5ad")));
}

TEST_F(RemoteJobTest, AWrongClockThereIsSaidAndDoesNoHarm) {
  ssh_->serve({{"LD_PRELOAD", CW_SHIFTED_CLOCK_LIBRARY}, {"CW_CLOCK_AHEAD", "-86400"}, kAnyLibraryFirst});
  const Json report = succeed({"machines", "probe", "far"})["report"];
  EXPECT_NEAR(report["clock_ahead_s"].get<double>(), -86400, 60);
  EXPECT_NE(report["warnings"].dump().find("behind"), std::string::npos);
  static_cast<void>(succeed(there(embed("far", 10))));
  ssh_->serve({});
  EXPECT_TRUE(fs::exists(in("far.h5ad")));
}

TEST_F(RemoteJobTest, AnInputThatIsMissingIsNamedBeforeAnythingIsSent) {
  const auto outcome = cellwright(there({"embed", in("none.h5ad"), "--model", model_, "--out", in("far.h5ad")}));
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("none.h5ad"), std::string::npos) << outcome.err;
}

TEST_F(RemoteJobTest, AnUnknownMachineLeavesNothingBehind) {
  auto command = embed("far", 10);
  command.insert(command.end(), {"--machine", "nowhere"});
  const auto outcome = cellwright(command);
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("E-MCH-002"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(in("far.h5ad.run")));
}

}  // namespace
}  // namespace cw
