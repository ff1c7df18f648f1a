// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <filesystem>

namespace cw {

/// Refuses an output that could not be written at the end, before the work rather than after it. Makes parent folders
/// and leaves nothing else behind; an empty path is no output.
/// Errors: kInvalidArgument E-IO-005 (exists and not `overwrite`), E-IO-007 (a folder that is not ours), kIo, kNoSpace.
[[nodiscard]] Result<> require_writable(const std::filesystem::path& output, bool overwrite);

}  // namespace cw
