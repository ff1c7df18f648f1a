// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/local_launch.h"

#include "core/jobs/event_log.h"
#include "core/jobs/job_history.h"
#include "tests/support/scratch_folder.h"

#include <chrono>
#include <csignal>
#include <thread>

namespace cw {
namespace {

class LocalLaunchTest : public ScratchFolderTest {
 protected:
  void SetUp() override {
    ScratchFolderTest::SetUp();
    ::setenv("CELLWRIGHT_ENGINE", CW_FAKE_ENGINE, 1);
    ::setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  }

  JobFolder job(const std::string& kind, Json options = Json::object()) {
    return *JobFolder::create(folder_ / kind, new_job(kind, std::move(options)), true);
  }

  JobState run(
      const JobFolder& folder, const std::function<bool()>& stop = [] { return false; }) {
    auto engine = LocalEngine::start(folder, false);
    EXPECT_TRUE(engine.ok());
    const auto state = follow_job(
        folder, &*engine, [this](const Json& event) { types_.push_back(event["type"]); }, stop);
    EXPECT_TRUE(state.ok());
    return *state;
  }

  std::vector<std::string> types_;
};

TEST_F(LocalLaunchTest, aJobRunsToItsEndAndItsEventsArrive) {
  const auto state = run(job("count"));
  EXPECT_EQ(state.phase, JobPhase::kDone);
  EXPECT_EQ(state.result["counted"], 5);
  ASSERT_GE(types_.size(), 4U);
  EXPECT_EQ(types_.front(), "started");
  EXPECT_EQ(types_.back(), "finished");
}

TEST_F(LocalLaunchTest, cancelIsAnsweredWithinHalfASecond) {
  const auto folder = job("count", {{"total", 100000}});
  std::chrono::steady_clock::time_point asked;
  const auto state = run(folder, [&] {
    if (types_.size() < 3) return false;
    asked = std::chrono::steady_clock::now();
    return true;
  });
  EXPECT_EQ(state.phase, JobPhase::kCancelled);
  EXPECT_EQ(state.exit_code, 4);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::milliseconds(500));
}

TEST_F(LocalLaunchTest, aRefusalKeepsItsCodeAndText) {
  const auto state = run(job("refuse"));
  EXPECT_EQ(state.phase, JobPhase::kFailed);
  EXPECT_EQ(state.error_id, "E-TST-001");
  EXPECT_EQ(state.exit_code, 3);
}

TEST_F(LocalLaunchTest, exceptionsAndLackOfMemoryBecomeStates) {
  EXPECT_EQ(run(job("throw")).exit_code, 1);
  const auto state = run(job("exhaust"));
  EXPECT_EQ(state.exit_code, 5);
  EXPECT_EQ(state.error_id, "E-JOB-006");
}

TEST_F(LocalLaunchTest, aThreadThatCannotStartIsLackOfMemory) {
  const auto state = run(job("thread"));
  EXPECT_EQ(state.exit_code, 5);
  EXPECT_EQ(state.error_id, "E-JOB-006");
}

TEST_F(LocalLaunchTest, aCrashIsRecordedWithItsMostLikelyCause) {
  struct Crash {
    int signal;
    const char* words;  // that the engine prints last
    int exit_code;
    const char* cause;
  };
  for (const Crash& crash :
       {Crash{SIGSEGV, "", 1, "an input file is damaged, or this is a bug"}, Crash{SIGBUS, "", 3, "cut short"},
        Crash{SIGABRT, "terminate called after throwing 'std::bad_alloc'", 5, "not enough memory"},
        Crash{SIGABRT, "internal error", 1, "signal 6"}}) {
    types_.clear();
    std::filesystem::remove_all(folder_ / "crash");
    const auto state = run(job("crash", {{"signal", crash.signal}, {"words", crash.words}}));
    EXPECT_EQ(state.phase, JobPhase::kFailed);
    EXPECT_EQ(state.error_id, "E-JOB-009");
    EXPECT_EQ(state.exit_code, crash.exit_code);
    EXPECT_EQ(exit_code(error_code_of(state.error_code)), crash.exit_code);
    EXPECT_NE(state.error_message.find(crash.cause), std::string::npos) << state.error_message;
    EXPECT_NE(state.error_message.find("cellwright resume"), std::string::npos) << state.error_message;
    EXPECT_EQ(types_.back(), "error");
  }
}

TEST_F(LocalLaunchTest, theLastWordsOfAnEngineThatGaveUpAreRepeated) {
  const auto state = run(job("leave"));
  EXPECT_EQ(state.error_id, "E-JOB-009");
  EXPECT_NE(state.error_message.find("code 127 and said last: something is missing"), std::string::npos)
      << state.error_message;
}

TEST_F(LocalLaunchTest, aKilledEngineIsRecordedAndTheJobCanBeResumed) {
  const auto folder = job("die");
  const auto state = run(folder);
  EXPECT_EQ(state.phase, JobPhase::kFailed);
  EXPECT_EQ(state.error_id, "E-JOB-009");
  EXPECT_NE(state.error_message.find("signal 9"), std::string::npos);
  EXPECT_EQ(types_.back(), "error");
  types_.clear();
  run(folder);
  EXPECT_NE(std::find(types_.begin(), types_.end(), "resumed"), types_.end());
}

TEST_F(LocalLaunchTest, sequenceNumbersHaveNoGapsWhenTheEngineIsKilledAtAnyTime) {
  for (int round = 0; round < 5; ++round) {
    const auto folder = job("count", {{"total", 1000}});
    auto engine = LocalEngine::start(folder, false);
    ASSERT_TRUE(engine.ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + 17 * round));
    engine->kill();
    const auto state = follow_job(
        folder, &*engine, [](const Json&) {}, [] { return false; });
    ASSERT_TRUE(state.ok());
    const auto events = EventReader(folder.events_path()).poll();
    ASSERT_TRUE(events.ok());
    for (std::size_t i = 0; i < events->size(); ++i) EXPECT_EQ((*events)[i]["seq"], i + 1);
  }
}

TEST_F(LocalLaunchTest, aMissingEngineIsNamed) {
  ::setenv("CELLWRIGHT_ENGINE", "/nowhere/engine", 1);
  const auto engine = LocalEngine::start(job("count"), false);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().id, "E-JOB-008");
}

TEST_F(LocalLaunchTest, aJobOfAnotherMachineIsNotComputedHereToo) {
  const auto folder = job("count");
  ASSERT_TRUE(write_json(folder.path() / "machine.json", Json::object()).ok());
  const auto engine = LocalEngine::start(folder, false);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().id, "E-JOB-016");
}

TEST_F(LocalLaunchTest, jobsAreFoundByTheBeginningOfTheirId) {
  const auto folder = job("count");
  remember_job(folder);
  ASSERT_EQ(known_jobs().size(), 1U);
  EXPECT_EQ(find_job(folder.spec().id.substr(0, 6))->path(), folder.path());
  EXPECT_EQ(find_job("zzzz").error().id, "E-JOB-004");
  forget_job(folder);
  EXPECT_TRUE(known_jobs().empty());
}

TEST_F(LocalLaunchTest, aJobWhoseFolderALaterOneTookOverIsNotListed) {
  remember_job(job("count"));
  const auto later = job("count");
  remember_job(later);
  const auto jobs = known_jobs();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs.front().spec().id, later.spec().id);
}

}  // namespace
}  // namespace cw
