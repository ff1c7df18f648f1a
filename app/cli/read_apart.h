// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <functional>
#include <string>

namespace cw {

/// Runs `read` in a process of its own and gives what it returned. The libraries behind some formats do not survive
/// every damaged file (HDF5 1.10): then the user gets a sentence, and this process goes on. For reading only: nothing
/// that `read` changes in memory is kept. `file` names what is read.
/// Errors: those of `read`; kParse E-IO-021 (it crashed), kOutOfMemory E-JOB-006 (it was killed).
[[nodiscard]] Result<Json> read_apart(const std::string& file, const std::function<Result<Json>()>& read);

}  // namespace cw
