// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>

namespace cw {

/// Tokenizes a data file once for all trials, as each of them would: `options["input"]` becomes
/// `folder`/cells.tokens.h5 and `options["counts"]`, where the job has it and it is empty, the data file. Tokens are
/// left as they are. Errors: those of reading model, dictionary and data; kIo, kNoSpace, kCancelled.
Result<> tokenize_once(Json& options, int num_threads, const std::filesystem::path& folder, JobContext& ctx);

}  // namespace cw
