// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/event_log.h"
#include "core/jobs/job_folder.h"

#include <filesystem>
#include <functional>
#include <optional>

namespace cw {

/// An engine process on this machine that works on a job folder.
class LocalEngine {
 public:
  /// Starts `cellwright-engine run FOLDER`. With `detached` it lives on without us, in a session of its own.
  /// Errors: kNotFound E-JOB-008 (no engine program), kInvalidArgument E-JOB-016 (a job of another machine), kIo.
  [[nodiscard]] static Result<LocalEngine> start(const JobFolder& folder, bool detached);

  /// The exit code, once the process has ended (128 + signal if it was killed); nothing while it runs.
  [[nodiscard]] std::optional<int> poll();
  void kill() const;
  [[nodiscard]] int process() const noexcept { return process_; }
  /// The log from where this engine began: what earlier ones wrote is left out.
  [[nodiscard]] EventReader& events() noexcept { return events_; }

 private:
  LocalEngine(int process, EventReader events) : process_(process), events_(std::move(events)) {}
  int process_ = 0;
  EventReader events_;
  std::optional<int> ended_;
};

/// Path of the engine program: CELLWRIGHT_ENGINE, else beside the running program. Errors: kNotFound E-JOB-008.
[[nodiscard]] Result<std::filesystem::path> engine_program();

/// Writes the last word of an engine that ended without one (killed, crashed at start): state and event with the
/// reason. The engine writes its own end; only where it could not does whoever follows it call this. `code` as
/// LocalEngine::poll.
Result<> record_dead_engine(const JobFolder& folder, int code);

/// Follows the job until it ends: hands every event (with `engine`: of this engine) to `on_event`, and asks for a stop
/// when `stop`, called again and again until the end, says so. An engine that ends without a last word is recorded as
/// failed, with the reason. Returns the job's last state.
Result<JobState> follow_job(const JobFolder& folder, LocalEngine* engine,
                            const std::function<void(const Json&)>& on_event, const std::function<bool()>& stop);

}  // namespace cw
