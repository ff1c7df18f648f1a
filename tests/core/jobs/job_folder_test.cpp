// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/job_folder.h"

#include "tests/support/scratch_folder.h"

#include <unistd.h>

namespace cw {
namespace {

using JobFolderTest = ScratchFolderTest;

TEST_F(JobFolderTest, specificationComesBackAsWritten) {
  const JobSpec spec = new_job("embed", {{"layer", "last"}});
  ASSERT_TRUE(JobFolder::create(folder_ / "run", spec, false).ok());
  const auto opened = JobFolder::open(folder_ / "run");
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->spec().id, spec.id);
  EXPECT_EQ(opened->spec().kind, "embed");
  EXPECT_EQ(opened->spec().options, spec.options);
  EXPECT_EQ(opened->state()->phase, JobPhase::kQueued);
}

TEST_F(JobFolderTest, aFolderThatHoldsAJobIsRefusedUnlessOverwritten) {
  ASSERT_TRUE(JobFolder::create(folder_ / "run", new_job("a", Json::object()), false).ok());
  const auto refused = JobFolder::create(folder_ / "run", new_job("b", Json::object()), false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, "E-IO-005");
  EXPECT_NE(refused.error().message.find("resume"), std::string::npos);
  ASSERT_TRUE(JobFolder::create(folder_ / "run", new_job("b", Json::object()), true).ok());
  EXPECT_EQ(JobFolder::open(folder_ / "run")->spec().kind, "b");
}

TEST_F(JobFolderTest, aFolderWithoutAJobIsNamed) {
  const auto opened = JobFolder::open(folder_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().id, "E-JOB-004");
}

TEST_F(JobFolderTest, aRunningJobWhoseProcessIsGoneIsLost) {
  const auto job = JobFolder::create(folder_ / "run", new_job("a", Json::object()), false);
  JobState state;
  state.phase = JobPhase::kRunning;
  state.process = ::getpid();
  state.process_started = process_start_time(state.process);
  ASSERT_TRUE(job->write_state(state).ok());
  EXPECT_EQ(job->state()->phase, JobPhase::kRunning);
  state.process_started = "1";  // same number, another process
  ASSERT_TRUE(job->write_state(state).ok());
  EXPECT_EQ(job->state()->phase, JobPhase::kLost);
}

TEST_F(JobFolderTest, specificationsOfANewerVersionAndOfOtherFilesAreRefused) {
  EXPECT_EQ(job_spec_from_json(Json::parse(R"({"a": 1})"), "x.json").error().id, "E-JOB-002");
  const auto newer = Json::parse(R"({"cellwright_job": 99, "kind": "embed", "options": {}})");
  EXPECT_EQ(job_spec_from_json(newer, "x.json").error().id, "E-JOB-003");
}

TEST_F(JobFolderTest, cancelRequestsAreSeenAndCleared) {
  const auto job = JobFolder::create(folder_ / "run", new_job("a", Json::object()), false);
  EXPECT_FALSE(job->cancel_requested());
  ASSERT_TRUE(job->request_cancel().ok());
  EXPECT_TRUE(job->cancel_requested());
  job->clear_cancel();
  EXPECT_FALSE(job->cancel_requested());
}

}  // namespace
}  // namespace cw
