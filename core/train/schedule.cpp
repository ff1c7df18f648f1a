// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cw {

Schedule schedule_of(std::string_view name) noexcept {
  if (name == "cosine") return Schedule::kCosine;
  return name == "constant" ? Schedule::kConstant : Schedule::kLinear;
}

double rate_factor(Schedule schedule, double time, double warmup, double total) noexcept {
  if (time < warmup) return time / std::max(1.0, warmup);
  const double length = std::max(1.0, total - warmup);
  switch (schedule) {
    case Schedule::kConstant:
      return 1.0;
    case Schedule::kCosine:
      return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, (time - warmup) / length))));
    case Schedule::kLinear:
      break;
  }
  return std::max(0.0, (total - time) / length);
}

}  // namespace cw
