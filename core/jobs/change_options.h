// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_folder.h"

namespace cw {

/// Replaces these options in the specification of a job that is not running, so that it goes on with them; open the
/// folder again afterwards. Errors: kIo, kNoSpace, kParse.
Result<> change_options(const JobFolder& folder, const Json& changes);

}  // namespace cw
