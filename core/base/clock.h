// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <string>

namespace cw {

/// "2026-11-21T13:20:52.417Z": UTC, ISO 8601, milliseconds.
[[nodiscard]] std::string utc_text(std::chrono::system_clock::time_point time);
[[nodiscard]] std::string utc_now();

/// "2 h 05 min", "3 min 20 s", "42 s": for people.
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace cw
