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

TEST_F(JobFolderTest, overwritingAJobRemovesWhatItWouldHaveGoneOnFrom) {
  namespace fs = std::filesystem;
  const fs::path run = folder_ / "run";
  ASSERT_TRUE(JobFolder::create(run, new_job("pretrain", Json::object()), false).ok());
  ASSERT_TRUE(JobFolder::create(run / "other", new_job("pretrain", Json::object()), false).ok());
  for (const char* name : {"checkpoints/step-1", "fold-1/checkpoints/step-1", "other/checkpoints/step-1", "model"}) {
    fs::create_directories(run / name);
  }
  ASSERT_FALSE(JobFolder::create(run, new_job("pretrain", Json::object()), false).ok());
  EXPECT_TRUE(fs::exists(run / "checkpoints")) << "refused, so nothing is touched";
  ASSERT_TRUE(JobFolder::create(run, new_job("pretrain", Json::object()), true).ok());
  EXPECT_FALSE(fs::exists(run / "checkpoints"));
  EXPECT_FALSE(fs::exists(run / "fold-1" / "checkpoints"));
  EXPECT_TRUE(fs::exists(run / "other" / "checkpoints")) << "of a job of its own";
  EXPECT_TRUE(fs::exists(run / "model")) << "replaced when the new one is there";
}

TEST_F(JobFolderTest, aFolderWithoutAJobIsNamed) {
  const auto opened = JobFolder::open(folder_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().id, "E-JOB-004");
}

TEST_F(JobFolderTest, theOutputMovesWithTheFolder) {
  const auto output_after_move = [&](const std::string& from, const std::string& to, const char* key,
                                     const std::filesystem::path& output) {
    EXPECT_TRUE(JobFolder::create(folder_ / from, new_job("a", {{key, output.string()}}), false).ok());
    std::filesystem::create_directories((folder_ / to).parent_path());
    std::filesystem::rename(folder_ / from, folder_ / to);
    const auto opened = JobFolder::open(folder_ / to / "");
    EXPECT_TRUE(opened.ok());
    return std::filesystem::path(opened.ok() ? opened->spec().options[key].get<std::string>() : "");
  };
  EXPECT_EQ(output_after_move("run", "away/other", "output", folder_ / "run"), folder_ / "away/other");
  EXPECT_EQ(output_after_move("train", "trained", "out", folder_ / "train"), folder_ / "trained");
  EXPECT_EQ(output_after_move("in", "away/in", "output", folder_ / "in/map.h5ad"), folder_ / "away/in/map.h5ad");
  EXPECT_EQ(output_after_move("e.h5ad.run", "away/f.h5ad.run", "output", folder_ / "e.h5ad"), folder_ / "away/f.h5ad");
  EXPECT_EQ(output_after_move("g.h5ad.run", "away/log", "output", folder_ / "g.h5ad"), folder_ / "away/g.h5ad");
  EXPECT_EQ(output_after_move("log", "away/log2", "output", folder_ / "far.h5ad"), folder_ / "far.h5ad");
  EXPECT_EQ(output_after_move("p", "away/p", "output", ""), "");
}

TEST_F(JobFolderTest, namesThatJsonCannotHoldAreRefusedNotChanged) {
  for (const char* name : {"caf\xE9.h5ad", "\xC3", "a\xED\xA0\x80", "\xC0\xAF", "\xF5\x80\x80\x80", "\x80"}) {
    const auto made = JobFolder::create(folder_ / "run", new_job("a", {{"inputs", {"x", name}}}), false);
    ASSERT_FALSE(made.ok()) << name;
    EXPECT_EQ(made.error().id, "E-JOB-014");
    EXPECT_NE(made.error().message.find("\\x"), std::string::npos) << made.error().message;
    EXPECT_FALSE(JobFolder::create(folder_ / name, new_job("a", Json::object()), false).ok());
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
  }
  const Json good = {{"inputs", {"caf\u00e9", "\u03b2\U0001F9EC\uFFFD\u0800\uD7FF"}}};
  ASSERT_TRUE(JobFolder::create(folder_ / "run", new_job("a", good), false).ok());
  EXPECT_EQ(JobFolder::open(folder_ / "run")->spec().options, good);
  std::filesystem::rename(folder_ / "run", folder_ / "caf\xE9");
  EXPECT_EQ(JobFolder::open(folder_ / "caf\xE9").error().id, "E-JOB-014");
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
