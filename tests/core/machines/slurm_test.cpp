// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/slurm.h"

#include "core/machines/command.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

SlurmScript script() {
  SlurmScript script;
  script.name = "cw-0123456789ab-1";
  script.engine = "/home/me/my engines/cellwright-engine";
  script.folders = {"/home/me/it's/run"};
  return script;
}

JobState state(JobPhase phase) {
  JobState state;
  state.phase = phase;
  return state;
}

JobState merged(JobPhase file, const std::string& word) {
  return merge_states(state(file), {queue_phase_of(word), word, ""}, "77");
}

TEST(SlurmScript, AsksForWhatIsGivenAndNothingElse) {
  auto asked = script();
  const std::string plain = slurm_script_text(asked);
  for (const char* part : {"--requeue", "--signal=B:USR1@180", "--open-mode=append", "--job-name=cw-0123456789ab-1"}) {
    EXPECT_NE(plain.find("#SBATCH " + std::string(part) + "\n"), std::string::npos) << part;
  }
  for (const char* part : {"--partition", "--time", "--mem", "--gres", "--cpus", "--account", "--array"}) {
    EXPECT_EQ(plain.find(part), std::string::npos) << part;
  }
  asked.request = {"gpu", "lab", "2-00", "16G", "a100:2", 8, 30, {"--constraint=avx512"}};
  asked.setup = "module load cuda";
  const std::string full = slurm_script_text(asked);
  for (const char* part : {"--partition=gpu", "--account=lab", "--time=2-00", "--mem=16G", "--gres=gpu:a100:2",
                           "--cpus-per-task=8", "--constraint=avx512"}) {
    EXPECT_NE(full.find("#SBATCH " + std::string(part) + "\n"), std::string::npos) << part;
  }
  EXPECT_NE(full.find("\nmodule load cuda\n"), std::string::npos);
}

TEST(SlurmScript, AnArrayPicksItsFolder) {
  auto asked = script();
  asked.engine = "/bin/echo";
  asked.folders = {"/a", "/b c", "/it's"};
  const std::string text = slurm_script_text(asked);
  EXPECT_NE(text.find("#SBATCH --array=0-2\n"), std::string::npos);
  EXPECT_NE(text.find("1) job='/b c' ;;"), std::string::npos) << text;
  const auto checked = run_command({"sh", "-n", "-c", text});
  EXPECT_EQ(checked->exit_code, 0) << checked->err;
}

TEST(MergedState, DoneIsDoneWhateverTheSchedulerSays) {
  for (const char* word : {"PENDING", "RUNNING", "COMPLETED", "CANCELLED", ""}) {
    EXPECT_EQ(merged(JobPhase::kDone, word).phase, JobPhase::kDone) << word;
  }
}

TEST(MergedState, WhatTheSchedulerStillHasIsNotOver) {
  EXPECT_EQ(merged(JobPhase::kQueued, "PENDING").phase, JobPhase::kQueued);
  EXPECT_EQ(merged(JobPhase::kCancelled, "PENDING").phase, JobPhase::kQueued) << "it made room";
  EXPECT_EQ(merged(JobPhase::kCancelled, "COMPLETING").phase, JobPhase::kRunning);
  EXPECT_EQ(merged(JobPhase::kFailed, "RUNNING").phase, JobPhase::kRunning);
  EXPECT_EQ(merged(JobPhase::kRunning, "SUSPENDED").phase, JobPhase::kRunning);
}

TEST(MergedState, AnEndWithoutALastWordHasTheReasonOfTheScheduler) {
  for (const auto phase : {JobPhase::kQueued, JobPhase::kRunning, JobPhase::kLost}) {
    const JobState memory = merged(phase, "OUT_OF_MEMORY");
    EXPECT_EQ(memory.phase, JobPhase::kFailed);
    EXPECT_EQ(memory.error_id, "E-MCH-033");
    EXPECT_EQ(memory.exit_code, 5);
    EXPECT_NE(memory.error_message.find("--memory"), std::string::npos);
    EXPECT_NE(merged(phase, "TIMEOUT").error_message.find("--time"), std::string::npos);
    EXPECT_EQ(merged(phase, "CANCELLED").phase, JobPhase::kCancelled);
    EXPECT_EQ(merged(phase, "").phase, JobPhase::kFailed);
  }
}

TEST(MergedState, TheEnginesOwnErrorStands) {
  JobState failed = state(JobPhase::kFailed);
  failed.error_id = "E-IO-003";
  failed.exit_code = 5;
  const JobState shown = merge_states(failed, {queue_phase_of("FAILED"), "FAILED", "NonZeroExitCode"}, "77");
  EXPECT_EQ(shown.phase, JobPhase::kFailed);
  EXPECT_EQ(shown.error_id, "E-IO-003");
}

}  // namespace
}  // namespace cw
