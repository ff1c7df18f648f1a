// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/jobs/job_folder.h"
#include "core/machines/machine.h"
#include "core/machines/staging.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// The near end of a job on another machine: its job folder here is a copy of the one there, which grows as it does.
/// `machine.json` in the folder says where the other one is; nothing else is needed to go on after a reboot.
struct RemoteJob {
  std::string machine;          ///< name in the list of machines
  SlurmRequest slurm;           ///< clusters only
  std::string engine;           ///< id of the engine there
  std::string place;            ///< absolute: ROOT/jobs/ID; empty before the first start
  int attempt = 0;              ///< counted up by every start
  bool started = false;         ///< the machine has confirmed that attempt
  std::vector<PathPair> paths;  ///< inputs and outputs here and there
};

/// Notes that a job is to run on `machine`. Errors: kIo, kNoSpace.
[[nodiscard]] Result<> assign_machine(const JobFolder& folder, const Machine& machine, const SlurmRequest& request);

/// Nothing for a job of this PC. Errors: kParse E-MCH-001.
[[nodiscard]] Result<std::optional<RemoteJob>> remote_job_of(const JobFolder& folder);

/// Sends the engine and the inputs where they are missing, then starts the job there, or goes on with it. Whatever was
/// cut before is gone on with; a start that was ordered already is not ordered twice. A failure is written into the
/// state of the job, unless `leaving` says that only this program stops: then the state stays as it is and the next one
/// goes on. Errors: those of find_machine, install_engine, send_files and of the machine's engine; kRefused E-MCH-035
/// (another program starts it at this moment; nothing is written).
[[nodiscard]] Result<> start_remote_job(const JobFolder& folder, JobContext& context,
                                        const std::function<bool()>& leaving = {});

/// The same for several jobs of one machine; on a cluster they become one array, a task each.
[[nodiscard]] Result<> start_remote_jobs(const std::vector<JobFolder>& folders, JobContext& context,
                                         const std::function<bool()>& leaving = {});

/// What the near end says on the way: "connection lost; trying again".
using Notice = std::function<void(const Error&)>;

/// How a remote job is followed.
struct RemoteFollow {
  std::function<void(const Json&)> on_event;                 ///< every event, from the first
  std::function<bool()> stop;                                ///< true: ask the job to stop; it is followed to its end
  std::function<bool()> leave;                               ///< true: follow no longer; the job goes on
  Notice notice;                                             ///< W-MCH-002: a cut; W-MCH-003: the line is there again
  std::function<void(std::int64_t, std::int64_t)> fetching;  ///< bytes of results here, of all
};

/// Keeps the folder here up to date until the job has ended and its results are here, checked. Cuts, sleep and the
/// death of the follower lose nothing: each byte is asked for from where the copy ends, for as long as it takes. Of
/// several followers one talks to the machine, the others read the copy; when that one is gone, another takes over.
/// Returns the last state; kCancelled E-JOB-001 if `leave` said so. Errors: kNotFound E-MCH-034 (the job's folder is
/// gone there), kRefused E-MCH-013 to E-MCH-015, those of fetch_file.
[[nodiscard]] Result<JobState> follow_remote_job(const JobFolder& folder, const RemoteFollow& follow);

/// Brings the copy up to date once, and gives the state. A job that has ended is fetched as by follow_remote_job.
/// Errors: as follow_remote_job, and those of a lost connection.
[[nodiscard]] Result<JobState> refresh_remote_job(const JobFolder& folder);

/// Asks the job to stop: at once where the machine can be reached, else as soon as somebody follows it.
/// Errors: those of Connection::run (the request is noted all the same).
[[nodiscard]] Result<> cancel_remote_job(const JobFolder& folder);

}  // namespace cw
