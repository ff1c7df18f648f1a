// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/jobs/job_folder.h"

#include <functional>

namespace cw {

/// Does the work of one specification; the summary it returns becomes the job's result.
using JobExecutor = std::function<Result<Json>(const JobSpec&, JobContext&)>;

/// Runs the job of `folder` in this process, in the foreground: writes events, state and log; stops within 200 ms of
/// `control/cancel`, SIGINT or SIGTERM (the executor polls its context); turns exceptions and lack of memory into a
/// failed state. Returns the exit code of the program.
int work_on_job(const JobFolder& folder, const JobExecutor& executor);

}  // namespace cw
