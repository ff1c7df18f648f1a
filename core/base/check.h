// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cw {

/// Says which of our own assumptions was wrong, then aborts. A job's journal keeps what was done before.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace cw

/// For our own bugs only, never for input: active in release builds too.
#define CW_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::cw::assertion_failed(#condition, __FILE__, __LINE__))
