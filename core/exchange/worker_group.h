// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/exchange/group.h"

#include <filesystem>
#include <string>

namespace cw {

/// Processes that one process starts on this machine to do one piece of work together.
struct WorkerPlan {
  std::filesystem::path program;  ///< started as "PROGRAM worker"
  int size = 1;
  int num_threads = 0;         ///< of all together, 0 = as many as there are processors
  Json job;                    ///< what every worker is told to do,
  Json job_again;              ///< and what when the group starts again
  std::filesystem::path logs;  ///< folder for what the workers print: process-0.txt, ...
  double timeout_s = 600.0;    ///< after which a process counts as stuck
  int most_restarts = 3;       ///< without a new checkpoint between them
};

/// Starts the workers, passes on the events of process 0 and a cancel, and returns the result of process 0. When a
/// worker ends early or is stuck, all end and the group starts again; what it had done since the last checkpoint is
/// repeated, and a warning W-COM-001 says so. Errors of the work itself (bad input, diverged) are not tried again.
///
/// Errors   kIo E-COM-007 (too many restarts), kCancelled, those of the work.
/// Cancel   passed on within 50 ms; workers that have not ended after half a minute are killed.
[[nodiscard]] Result<Json> run_workers(const WorkerPlan& plan, JobContext& context);

/// What a worker does with its job.
using WorkerJob = std::function<Result<Json>(const Json& job, int num_threads, Communicator&, JobContext&)>;

/// The other end, in the worker: reads the job from standard input, joins the group, works, reports on standard output.
/// Ends at once when whoever started it has ended. Returns the exit code.
int work_for_starter(const WorkerJob& work);

}  // namespace cw
