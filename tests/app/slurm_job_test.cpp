// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs on a cluster: a real Slurm of one node, reached through a real sshd.
#include "core/effects/effects_file.h"
#include "tests/support/one_node_slurm.h"
#include "tests/support/remote_test.h"

namespace cw {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{240'000};

class SlurmJobTest : public RemoteTest {
 protected:
  static void SetUpTestSuite() {
    RemoteTest::SetUpTestSuite();
    slurm_ = std::make_unique<OneNodeSlurm>(far_ / "s");
    slurm_->start(26'000 + 2 * (::getpid() % 3000));
    ssh_->serve({{"SLURM_CONF", slurm_->configuration()}});
  }
  static void TearDownTestSuite() {
    slurm_.reset();
    RemoteTest::TearDownTestSuite();
  }
  void SetUp() override {
    RemoteTest::SetUp();
    static_cast<void>(
        succeed({"machines", "add", "far", "--ssh", "loop", "--folder", root().string(), "--slurm", "--partition",
                 "main", "--cpus", "1", "--memory", "1500M", "--poll", "1", "--no-probe", "--overwrite"}));
  }
  static std::string queue_number() {
    const auto launch = read_json(place() / "launch.json");
    return launch.ok() ? launch->value("queue", "") : "";
  }
  [[nodiscard]] Json start_detached(const std::string& name, int cells_used) const {
    auto command = there(perturb(name, cells_used));
    command.emplace_back("--detach");
    return succeed(command);
  }
  void expect_equal_runs(const std::string& one, const std::string& other) const {
    const auto a = read_effects(in(one));
    const auto b = read_effects(in(other));
    ASSERT_TRUE(a.ok() && b.ok());
    EXPECT_EQ(a->cosine, b->cosine);
    EXPECT_EQ(a->perturbation, b->perturbation);
    EXPECT_EQ(a->cell, b->cell);
  }
  static int engine_there(const std::string& name) {
    const Json state = state_of(place() / name);
    return state.value("state", "") == "running" ? state.value("process", 0) : 0;
  }
  static bool runs_there(const std::string& name) {
    return state_of(place() / name).value("state", "") == "running" &&
           bytes_of(place() / name / "events.jsonl").find("\"progress\"") != std::string::npos;
  }

  static inline std::unique_ptr<OneNodeSlurm> slurm_;  // NOLINT: shared by the tests on purpose
};

TEST_F(SlurmJobTest, TheProbeSeesPartitionsAndLimits) {
  const Json report = succeed({"machines", "probe", "far"})["report"];
  EXPECT_NE(report["scheduler"].get<std::string>().find("slurm"), std::string::npos);
  ASSERT_EQ(report["partitions"].size(), 2U);
  EXPECT_EQ(report["partitions"][0]["name"], "main");
  EXPECT_EQ(report["partitions"][0]["default"], true);
  EXPECT_EQ(report["partitions"][1]["time_limit"], "10:00");
  EXPECT_TRUE(report["problems"].empty()) << report["problems"].dump();
}

TEST_F(SlurmJobTest, AJobOfTheClusterEqualsTheOneHere) {
  static_cast<void>(succeed(embed("here", 30)));
  static_cast<void>(succeed(there(embed("far", 30))));
  EXPECT_EQ(bytes_of(in("far.csv")), bytes_of(in("here.csv")));
  EXPECT_EQ(state_of(in("far.h5ad.run"))["state"], "done");
  EXPECT_EQ(bytes_of(in("far.h5ad.run/events.jsonl")), bytes_of(place() / "far.h5ad.run/events.jsonl"));
}

TEST_F(SlurmJobTest, APartitionThatDoesNotExistIsNamed) {
  auto command = there(embed("far", 10));
  command.insert(command.end(), {"--ask", "partition=moon"});
  const auto outcome = cellwright(command);
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("error [E-MCH-031]"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("moon"), std::string::npos) << outcome.err;
  static_cast<void>(succeed({"machines", "add", "far", "--ssh", "loop", "--slurm", "--partition", "moon", "--folder",
                             root().string(), "--no-probe", "--overwrite"}));
  const auto probed = cellwright({"machines", "probe", "far"});
  EXPECT_EQ(probed.exit_code, 3);
  EXPECT_NE(probed.out.find("E-MCH-031"), std::string::npos) << probed.out;
}

TEST_F(SlurmJobTest, MoreThanTheClusterHasIsRefusedInItsWords) {
  auto command = there(embed("far", 10));
  command.insert(command.end(), {"--ask", "memory=900T"});
  const auto outcome = cellwright(command);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.err.find("error [E-MCH-032]"), std::string::npos) << outcome.err;
}

TEST_F(SlurmJobTest, AWaitingJobSaysSoAndLeavesTheQueueWhenCancelled) {
  static_cast<void>(slurm_->ask("scontrol", {"update", "partitionname=main", "state=down"}));
  const Json started = start_detached("far", 50);
  const Json waiting = succeed({"jobs", "show", started["job"]});
  EXPECT_EQ(waiting["state"], "queued");
  static_cast<void>(succeed({"jobs", "cancel", started["job"]}));
  const auto followed = cellwright({"jobs", "follow", started["job"]});
  static_cast<void>(slurm_->ask("scontrol", {"update", "partitionname=main", "state=up"}));
  EXPECT_EQ(followed.exit_code, 4) << followed.err;
  EXPECT_EQ(state_of(in("far"))["state"], "cancelled");
}

TEST_F(SlurmJobTest, AnAnswerLostIsNotASecondJob) {
  static_cast<void>(slurm_->ask("scontrol", {"update", "partitionname=main", "state=down"}));
  const Json started = start_detached("far", 50);
  const std::string number = queue_number();
  // neither we nor the agent know any more that the job was submitted
  Json note = *read_json(in("far/machine.json"));
  note["started"] = false;
  ASSERT_TRUE(write_json(in("far/machine.json"), note).ok());
  fs::remove(place() / "launch.json");
  static_cast<void>(succeed({"resume", in("far"), "--detach"}));
  EXPECT_EQ(queue_number(), number);
  static_cast<void>(succeed({"jobs", "cancel", started["job"]}));
  static_cast<void>(slurm_->ask("scontrol", {"update", "partitionname=main", "state=up"}));
}

TEST_F(SlurmJobTest, SeveralSpecificationsBecomeOneArray) {
  std::vector<std::string> command = {"run"};
  for (const char* seed : {"1", "2", "3"}) {
    auto here = embed(std::string("here") + seed, 20);
    here.insert(here.end(), {"--seed", seed});
    static_cast<void>(succeed(here));
    Json spec = *read_json(in(std::string("here") + seed + ".h5ad.run/spec.json"));
    spec["options"]["output"] = in(std::string("far") + seed + ".h5ad");
    spec["options"]["csv"] = in(std::string("far") + seed + ".csv");
    ASSERT_TRUE(write_json(in(std::string("spec") + seed + ".json"), spec).ok());
    command.push_back(in(std::string("spec") + seed + ".json"));
  }
  const Json results = succeed(there(command));
  ASSERT_EQ(results.size(), 3U);
  std::set<std::string> tasks;
  for (const auto& entry : fs::directory_iterator(root() / "jobs")) {
    tasks.insert((*read_json(entry.path() / "launch.json"))["queue"].get<std::string>());
  }
  ASSERT_EQ(tasks.size(), 3U);
  const std::string first = *tasks.begin();
  for (const auto& task : tasks) EXPECT_EQ(task.substr(0, task.find('_')), first.substr(0, first.find('_')));
  for (const char* seed : {"1", "2", "3"}) {
    EXPECT_EQ(bytes_of(in(std::string("far") + seed + ".csv")), bytes_of(in(std::string("here") + seed + ".csv")));
  }
  EXPECT_NE(bytes_of(in("far1.csv")), bytes_of(in("far2.csv"))) << "other seeds, other cells";
}

TEST_F(SlurmJobTest, ARunInPartsIsOneArrayAndEqualsTheOneHere) {
  static_cast<void>(succeed(perturb("here", 60)));
  auto in_parts = there(perturb("far", 60));
  in_parts.insert(in_parts.end(), {"--shards", "2"});
  static_cast<void>(succeed(in_parts));
  std::set<std::string> tasks;
  for (const auto& entry : fs::directory_iterator(root() / "jobs")) {
    tasks.insert((*read_json(entry.path() / "launch.json"))["queue"].get<std::string>());
  }
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks.begin()->substr(0, tasks.begin()->find('_')), tasks.rbegin()->substr(0, tasks.rbegin()->find('_')));
  expect_equal_runs("here", "far");
  EXPECT_FALSE(fs::exists(in("far.parts")));
}

TEST_F(SlurmJobTest, AJobThatMakesRoomGoesOnByItself) {
  static_cast<void>(succeed(perturb("here", 120)));
  const Json started = start_detached("far", 120);
  ASSERT_TRUE(wait_until([] { return runs_there("far"); })) << slurm_->ask("scontrol", {"show", "job"});
  const int engine = engine_there("far");
  ASSERT_GT(engine, 0) << "the job was over too soon";
  ::kill(engine, SIGSTOP);  // so that it is not over before it is asked, however fast the machine is
  auto program = start({"jobs", "follow", started["job"]});
  // the notice of the scheduler, three minutes before the end or at a pre-emption; none counts in the first seconds
  std::this_thread::sleep_for(milliseconds(6500));
  static_cast<void>(slurm_->ask("scancel", {"--batch", "--signal=USR1", queue_number()}));
  std::this_thread::sleep_for(milliseconds(2000));
  ::kill(engine, SIGCONT);
  EXPECT_EQ(program->wait(kPatience).value_or(-1), 0) << errors();
  expect_equal_runs("here", "far");
  EXPECT_NE(bytes_of(in("far/events.jsonl")).find("\"resumed\""), std::string::npos)
      << "the job was over before it was asked to make room";
}

TEST_F(SlurmJobTest, AKilledStepIsToldWithItsReasonAndGoesOn) {
  static_cast<void>(succeed(perturb("here", 120)));
  const Json started = start_detached("far", 120);
  ASSERT_TRUE(wait_until([] { return runs_there("far"); }));
  const int engine = engine_there("far");
  ASSERT_GT(engine, 0) << "the job was over too soon";
  ASSERT_EQ(::kill(engine, SIGKILL), 0);
  const auto followed = cellwright({"jobs", "follow", started["job"]});
  EXPECT_EQ(followed.exit_code, 3) << followed.err;
  EXPECT_NE(followed.err.find("error [E-MCH-033]"), std::string::npos) << followed.err;
  EXPECT_EQ(state_of(in("far"))["state"], "failed");
  static_cast<void>(succeed({"jobs", "resume", started["job"]}));
  expect_equal_runs("here", "far");
}

}  // namespace
}  // namespace cw
