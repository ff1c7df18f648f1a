// SPDX-License-Identifier: GPL-3.0-or-later
// `pretrain --processes` with the real engine program: workers that are killed, stopped or left alone.
#include "core/exchange/socket.h"
#include "core/jobs/job_worker.h"
#include "core/jobs/local_launch.h"
#include "tests/core/train/pretrain_world.h"
#include "tests/core/train/worker_watch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <thread>

namespace cw {
namespace {

class WorkerProcesses : public Pretrain {
 protected:
  void SetUp() override {
    Pretrain::SetUp();
    ::setenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine", 1);
  }

  PretrainOptions grouped(const std::string& out, int processes) const {
    PretrainOptions o = options(out);
    o.steps = 40;
    o.checkpoint_every = 2;
    o.num_threads = processes;
    o.processes = processes;
    o.zero = processes > 1;
    return o;
  }

  // A longer run: there is time to disturb it.
  PretrainOptions long_run(const std::string& out, int processes) const {
    PretrainOptions o = grouped(out, processes);
    o.steps = 160;
    o.validate_every = 80;
    o.checkpoint_every = 8;
    return o;
  }

  /// Starts the engine on a job folder with these options.
  pid_t start_engine(const PretrainOptions& o) const {
    auto folder = JobFolder::create(o.out, new_job("pretrain", to_json(o)), true);
    EXPECT_TRUE(folder.ok());
    return start({"run", o.out}, {});
  }

  static pid_t start(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment) {
    const pid_t child = fork();
    if (child != 0) return child;
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> pointers = {const_cast<char*>("cellwright-engine")};
    for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    ::execv(CW_BIN_DIR "/cellwright-engine", pointers.data());
    _exit(127);
  }

  static int exit_code_of(pid_t process) {
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  static bool has_checkpoint(const std::string& out, std::size_t count = 1) {
    return CheckpointStore(fs::path(out) / "checkpoints").list().size() >= count;
  }
};

TEST_F(WorkerProcesses, DoTheWorkAndReportItOnce) {
  Recorder recorder;
  const Json summary = run(grouped("run", 3), recorder);
  EXPECT_EQ(summary["steps"], 40);
  EXPECT_TRUE(fs::exists(fs::path(in("run")) / "model" / "model.safetensors"));
  EXPECT_EQ(recorder.metrics["validation_loss"].size(), 10U);
  EXPECT_TRUE(recorder.warnings.empty());
  EXPECT_TRUE(workers_of(::getpid()).empty());
}

TEST_F(WorkerProcesses, KillingAnyOfThemLosesNothing) {
  const std::vector<std::string> before = shared_files();
  Recorder whole;
  run(long_run("whole", 3), whole);
  const PretrainOptions o = long_run("killed", 3);
  std::atomic<bool> over{false};
  std::atomic<int> kills{0};
  std::thread killer([&] {
    for (int attempt = 0; attempt < 4 && !over; ++attempt) {
      // after a new checkpoint, so that every start of the group makes progress
      const auto seen = CheckpointStore(fs::path(o.out) / "checkpoints").list();
      if (!comes_true([&] {
            const auto now = CheckpointStore(fs::path(o.out) / "checkpoints").list();
            return over || (!now.empty() && (seen.empty() || now[0] != seen[0]));
          })) {
        return;
      }
      KeyedRandom random(5, RandomUse::kOrder, {static_cast<std::uint64_t>(attempt)});
      std::this_thread::sleep_for(std::chrono::milliseconds(random.below(80)));
      const std::vector<pid_t> workers = workers_of(::getpid());
      if (workers.size() != 3U) continue;
      ::kill(workers[random.below(3)], SIGKILL);
      ++kills;
    }
  });
  Recorder recorder;
  run(o, recorder);
  over = true;
  killer.join();
  ASSERT_GE(kills, 1);
  EXPECT_GE(recorder.warnings.size(), 1U);
  for (const std::string& warning : recorder.warnings) {
    EXPECT_NE(warning.find("W-COM-001"), std::string::npos) << warning;
    EXPECT_NE(warning.find("signal 9"), std::string::npos) << warning;
  }
  EXPECT_EQ(weights(in("whole")), weights(in("killed")));
  EXPECT_EQ(shared_files(), before);
}

TEST_F(WorkerProcesses, AStoppedOneIsNoticedAndTheGroupStartsAgain) {
  PretrainOptions o = long_run("run", 2);
  o.exchange_timeout = 1.0;
  std::thread stopper([&] {
    ASSERT_TRUE(comes_true([&] { return has_checkpoint(o.out); }));
    const std::vector<pid_t> workers = workers_of(::getpid());
    ASSERT_EQ(workers.size(), 2U);
    ::kill(workers[1], SIGSTOP);
  });
  Recorder recorder;
  const Json summary = run(o, recorder);
  stopper.join();
  EXPECT_EQ(summary["steps"], 160);
  ASSERT_GE(recorder.warnings.size(), 1U);
  EXPECT_NE(recorder.warnings[0].find("silent for 1 s"), std::string::npos) << recorder.warnings[0];
}

TEST_F(WorkerProcesses, AGroupThatNeverGetsAnywhereIsGivenUp) {
  PretrainOptions o = long_run("run", 2);
  o.checkpoint_every = 1000;
  std::atomic<bool> over{false};
  std::thread killer([&] {
    while (!over) {
      for (const pid_t worker : workers_of(::getpid())) ::kill(worker, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  Recorder recorder;
  JobContext context(&recorder, recorder.cancel);
  const auto result = run_pretrain(o, context);
  over = true;
  killer.join();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, "E-COM-007");
  EXPECT_EQ(recorder.warnings.size(), 3U);
}

TEST_F(WorkerProcesses, ErrorsOfTheWorkAreNotTriedAgain) {
  PretrainOptions o = grouped("run", 2);
  o.tokens = in("missing.tokens.h5");
  Recorder recorder;
  JobContext context(&recorder, recorder.cancel);
  const auto result = run_pretrain(o, context);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound) << result.error().message;
  EXPECT_TRUE(recorder.warnings.empty());
}

TEST_F(WorkerProcesses, ACancelReachesAllAndLeavesACheckpoint) {
  const PretrainOptions o = long_run("run", 2);
  Recorder recorder;
  JobContext context(&recorder, recorder.cancel);
  Clock::time_point asked;
  std::thread canceller([&] {
    ASSERT_TRUE(comes_true([&] { return has_checkpoint(o.out); }));
    asked = Clock::now();
    context.request_cancel();
  });
  const auto result = run_pretrain(o, context);
  const double took = seconds_since(asked);
  canceller.join();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_LT(took, 5.0);  // half a second on a quiet machine
  EXPECT_TRUE(workers_of(::getpid()).empty());
  Recorder rest;
  run(o, rest);
  run(long_run("whole", 2), rest);
  EXPECT_EQ(weights(in("whole")), weights(in("run")));
}

TEST_F(WorkerProcesses, EndWithTheirStarter) {
  const PretrainOptions o = long_run("run", 2);
  const pid_t engine = start_engine(o);
  ASSERT_TRUE(comes_true([&] { return has_checkpoint(o.out); }));
  const std::vector<pid_t> workers = workers_of(engine);
  ASSERT_EQ(workers.size(), 2U);
  ::kill(engine, SIGKILL);
  EXPECT_EQ(exit_code_of(engine), 128 + SIGKILL);
  EXPECT_TRUE(comes_true([&] { return ::kill(workers[0], 0) != 0 && ::kill(workers[1], 0) != 0; }));
}

TEST_F(WorkerProcesses, APreemptedJobLeavesACheckpointAndExitsWith75) {
  for (const int signal : {SIGTERM, SIGUSR1}) {
    const PretrainOptions o = long_run("run" + std::to_string(signal), signal == SIGTERM ? 2 : 1);
    const pid_t engine = start_engine(o);
    ASSERT_TRUE(comes_true([&] { return has_checkpoint(o.out); }));
    ::kill(engine, signal);
    EXPECT_EQ(exit_code_of(engine), kExitPreempted);
    const auto folder = JobFolder::open(o.out);
    ASSERT_TRUE(folder.ok());
    EXPECT_EQ(folder->state()->phase, JobPhase::kCancelled);
    EXPECT_NE(folder->state()->error_message.find("signal " + std::to_string(signal)), std::string::npos);
    EXPECT_EQ(exit_code_of(start({"run", o.out}, {})), 0) << "it goes on";
    EXPECT_EQ(folder->state()->phase, JobPhase::kDone);
  }
}

TEST_F(WorkerProcesses, ALauncherMayStartThem) {
  PretrainOptions o = grouped("run", 1);
  const auto folder = JobFolder::create(o.out, new_job("pretrain", to_json(o)), true);
  ASSERT_TRUE(folder.ok());
  std::string port;
  {
    const auto free = Socket::listen("127.0.0.1", 0);
    ASSERT_TRUE(free.ok());
    port = std::to_string(free->local_port());
  }
  std::vector<pid_t> processes;
  for (const char* rank : {"0", "1"}) {
    processes.push_back(start(
        {"worker", o.out}, {{"RANK", rank}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", port}}));
  }
  for (const pid_t process : processes) EXPECT_EQ(exit_code_of(process), 0);
  EXPECT_EQ(folder->state()->phase, JobPhase::kDone);
  const auto permissions = fs::status(fs::path(o.out) / "control" / "group-secret").permissions();
  EXPECT_EQ(permissions, fs::perms::owner_read | fs::perms::owner_write);
  Recorder recorder;
  PretrainOptions same = grouped("same", 2);
  same.zero = false;
  run(same, recorder);
  EXPECT_EQ(weights(in("same")), weights(in("run")));
  EXPECT_EQ(exit_code_of(start({"worker", o.out}, {})), 2) << "without a launcher";
}

}  // namespace
}  // namespace cw
