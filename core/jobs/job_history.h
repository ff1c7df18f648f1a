// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_folder.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// Jobs started by this user on this machine, newest first: one small file each, naming the job's folder, in
/// $XDG_STATE_HOME/cellwright/jobs. The folders stay the truth; a job whose folder is gone is left out.
[[nodiscard]] std::vector<JobFolder> known_jobs();

/// Adds a job to the list. Failing to is no reason to stop a job, so errors are swallowed.
void remember_job(const JobFolder& folder);

/// Takes a job off the list; its folder stays.
void forget_job(const JobFolder& folder);

/// A job by id, by a unique beginning of an id (4 digits or more), or by folder.
/// Errors: kNotFound E-JOB-004, kInvalidArgument E-JOB-010 (several ids begin so).
[[nodiscard]] Result<JobFolder> find_job(const std::string& id_or_folder);

}  // namespace cw
