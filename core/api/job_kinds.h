// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <string>

namespace cw {

/// Whether a job of this kind with these options could be started: the kind is known, every option is, and its value is
/// in range. Files are not looked at. Errors: kInvalidArgument E-JOB-011 (no such kind), those of reading and
/// validating the options.
[[nodiscard]] Result<> check_job(const std::string& kind, const Json& options);

/// Whether the `output` of such a job is a run folder, which is its job folder too; else it is a file.
[[nodiscard]] bool output_is_folder(const std::string& kind);

}  // namespace cw
