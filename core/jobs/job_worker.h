// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/jobs/job_folder.h"

#include <functional>

namespace cw {

/// Does the work of one specification; the summary it returns becomes the job's result.
using JobExecutor = std::function<Result<Json>(const JobSpec&, JobContext&)>;

/// Exit code of a job that the machine asked to stop (SIGTERM, SIGUSR1): it can go on later from where it was.
inline constexpr int kExitPreempted = 75;

/// Runs the job of `folder` in this process, in the foreground: writes events, state and log; stops within 200 ms of
/// `control/cancel`, SIGINT, SIGTERM or SIGUSR1 (the executor polls its context, and training writes a checkpoint);
/// turns exceptions and lack of memory into a failed state. Returns the exit code of the program.
int work_on_job(const JobFolder& folder, const JobExecutor& executor);

}  // namespace cw
