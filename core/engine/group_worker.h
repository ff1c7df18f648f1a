// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_folder.h"

namespace cw {

/// One of the processes that a job with `processes` above 1 has started; standard input says what to do.
/// Returns the exit code.
int work_in_started_group();

/// One of the processes that a launcher (torchrun, srun) has started for the job of `folder`, which all of them can
/// read. The first one writes events, state and log of the job as `work_on_job` does. The secret of the group is
/// CELLWRIGHT_GROUP_SECRET or, without it, a random one that the first process leaves in the folder, readable by the
/// user only. Errors: E-COM-001 where no launcher has set a place, those of `join_group`. Returns the exit code.
int work_in_launched_group(const JobFolder& folder);

}  // namespace cw
