// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/jobs/job_spec.h"

namespace cw {

class Communicator;

/// Runs one specification by calling the domain that its kind names, and returns that domain's summary.
/// Errors: kInvalidArgument E-JOB-011 (no such kind), and whatever the domain reports.
[[nodiscard]] Result<Json> run_job(const JobSpec& spec, JobContext& context);

/// The part of one process of a group in such a job. Errors: also kUnsupported E-JOB-015 (a kind that only one process
/// can run).
[[nodiscard]] Result<Json> run_job_in_group(const JobSpec& spec, Communicator& communicator, JobContext& context);

}  // namespace cw
