// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_folder.h"
#include "core/machines/machine.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// What sbatch is given: one job, or an array of jobs with a line of `folders` each.
struct SlurmScript {
  std::string name;                            ///< of the job: by it a lost answer is found again
  std::filesystem::path engine;                ///< the program cellwright-engine
  std::vector<std::filesystem::path> folders;  ///< job folders
  std::string setup;                           ///< shell line run first
  SlurmRequest request;
};

/// The script. The engine is asked to stop three minutes before the time limit, or when the job is pre-empted; what it
/// finished is kept, and the job goes back into the queue to go on.
[[nodiscard]] std::string slurm_script_text(const SlurmScript& script);

/// What the scheduler knows of a job.
struct QueueState {
  enum class Phase { kUnknown, kPending, kRunning, kEnded };
  Phase phase = Phase::kUnknown;
  std::string word;    ///< Slurm's: "PENDING", "OUT_OF_MEMORY", ...
  std::string reason;  ///< why it waits: "Resources", "Priority"
};

/// Of one of Slurm's words.
[[nodiscard]] QueueState::Phase queue_phase_of(const std::string& word);

/// Gives the script to sbatch, unless a job of this name is there already; returns Slurm's number.
/// Errors: kNotFound E-MCH-030 (no sbatch), E-MCH-031 (no such partition), kInvalidArgument E-MCH-032 (sbatch refuses).
[[nodiscard]] Result<std::string> submit_to_slurm(const SlurmScript& script, const std::filesystem::path& file);

/// Asks squeue, then scontrol, then sacct (which many clusters do not have). kUnknown if none knows the job.
[[nodiscard]] QueueState ask_slurm(const std::string& job);

/// Takes a job out of the queue, or ends it.
void cancel_in_slurm(const std::string& job);

/// The scheduler's word over that of the job folder. A job that is done is done; one that ended otherwise while the
/// scheduler still has it is to go on; one that the scheduler ended without a word of the engine failed with the
/// scheduler's reason: E-MCH-033.
[[nodiscard]] JobState merge_states(const JobState& file, const QueueState& queue, const std::string& job);

}  // namespace cw
