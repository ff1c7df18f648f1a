// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "plugins/sdk/gpu_backend.h"

namespace cw {

/// libcellwright_cuda.so: beside the program (../lib, ../lib/cellwright) or on the loader's path; loaded at the first
/// call and kept. Errors: kUnsupported E-DEV-001 (not there, or of another version).
[[nodiscard]] Result<const GpuInterface*> gpu_interface();

/// The library's error as ours.
[[nodiscard]] Error error_of(const GpuError& error);

}  // namespace cw
