// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <string_view>

namespace cw {

/// Sets how many threads LibTorch uses (0 = all processors that this process may run on). Called once, by the program,
/// before the first tensor is made.
void configure_torch(int num_threads);

/// Where a model computes.
enum class DeviceKind { kCpu };

/// "auto", "cpu", "cuda" or "cuda:i". "auto" takes the best device that this build can use, which is the CPU.
/// Errors: kUnsupported (E-DEV-001: a GPU was asked for), kInvalidArgument (E-DEV-002: no such device name).
[[nodiscard]] Result<DeviceKind> choose_device(std::string_view name);

}  // namespace cw
