// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/jobs/job_spec.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace cw {

enum class JobPhase { kQueued, kRunning, kDone, kFailed, kCancelled, kLost };

/// "queued", "running", "done", "failed", "cancelled", "lost": the words of `state.json`.
[[nodiscard]] std::string_view name_of(JobPhase phase) noexcept;

/// The content of `state.json`: the last word about a job, rewritten atomically.
struct JobState {
  JobPhase phase = JobPhase::kQueued;
  std::int64_t process = 0;     ///< of the engine, 0 = none
  std::string process_started;  ///< kernel's start time of that process: tells it from a later one of the same number
  std::string updated;          ///< UTC
  double progress = 0.0;        ///< share of the whole job
  Json result;                  ///< summary of a finished job
  std::string error_id;
  std::string error_code;  ///< name_of(ErrorCode)
  std::string error_message;
  int exit_code = 0;
};

/// A job on disk: `spec.json`, `events.jsonl`, `state.json`, `control/`, `log/`. Whoever has the folder can follow,
/// stop and resume the job; nothing else knows more about it.
class JobFolder {
 public:
  /// Makes the folder and writes the specification. A folder that holds a job already is refused unless `overwrite`,
  /// which also removes the checkpoints of that job; other files in the folder are left alone. Errors: kInvalidArgument
  /// E-IO-005, kUnsupported E-JOB-014 (a name that is not UTF-8), kIo, kNoSpace.
  [[nodiscard]] static Result<JobFolder> create(const std::filesystem::path& path, const JobSpec& spec, bool overwrite);
  /// The specification names the output where it is now: with the folder, if that was moved or copied.
  /// Errors: kNotFound E-JOB-004 (no job there), kParse.
  [[nodiscard]] static Result<JobFolder> open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] const JobSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] std::filesystem::path events_path() const { return path_ / "events.jsonl"; }
  [[nodiscard]] std::filesystem::path log_path(int rank = 0) const;

  /// As written, but a job whose engine process is gone without a last word is kLost. Errors: kIo, kParse.
  [[nodiscard]] Result<JobState> state() const;
  Result<> write_state(const JobState& state) const;

  /// Asks the engine to stop at the next opportunity.
  Result<> request_cancel() const;
  [[nodiscard]] bool cancel_requested() const;
  void clear_cancel() const;

 private:
  JobFolder(std::filesystem::path path, JobSpec spec) : path_(std::move(path)), spec_(std::move(spec)) {}
  std::filesystem::path path_;
  JobSpec spec_;
};

/// The kernel's start time of a process as text, "" if there is no such process.
[[nodiscard]] std::string process_start_time(std::int64_t process);

}  // namespace cw
