// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cw {

/// From now on, a crash of this process while hardly any memory can be had is put down to that: some libraries (HDF5
/// 1.10) use what they could not allocate. The process says "cannot allocate memory" on standard error and ends by
/// SIGKILL, as it does where the kernel ends it for want of memory. Other crashes stay what they are.
void blame_memory_for_crashes();

}  // namespace cw
