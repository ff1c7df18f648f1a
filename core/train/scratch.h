// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw {

/// At least `count` floats of scratch of the calling thread, aligned to 64 bytes, kept until the thread ends.
/// A second call on the same thread invalidates the first.
[[nodiscard]] float* scratch_floats(std::int64_t count);

}  // namespace cw
