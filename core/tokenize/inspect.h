// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/inspect_options.h"
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace cw {

/// What is in a file, and whether it will work: the JSON of cli.md 3.1 for a data file, a token file, a Hugging Face
/// .dataset folder or a model folder. Whatever would make `tokenize` refuse the file is listed under `problems`, so an
/// Error is returned only for what cannot be opened at all. Of files with more cells than `options.sample_cells`,
/// counts, coverage and lengths are of a sample spread over the file (`sampled_cells` says of how many).
/// Errors: kNotFound, kIo, kParse, kUnsupported of the readers; kCancelled.
[[nodiscard]] Result<Json> inspect(const std::filesystem::path& path, const InspectOptions& options, JobContext& ctx);

/// The same for people.
[[nodiscard]] std::string inspect_text(const Json& report);

}  // namespace cw
