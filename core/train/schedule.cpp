// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cw {
namespace {

constexpr double kLastPolynomialRate = 1e-7;

}  // namespace

Schedule schedule_of(std::string_view name) noexcept {
  if (name == "cosine") return Schedule::kCosine;
  if (name == "polynomial") return Schedule::kPolynomial;
  return name == "constant" ? Schedule::kConstant : Schedule::kLinear;
}

double rate_at(Schedule schedule, double highest, double time, double warmup, double total) noexcept {
  if (time < warmup) return highest * (time / std::max(1.0, warmup));
  const double length = std::max(1.0, total - warmup);
  const double left = std::max(0.0, (total - time) / length);
  switch (schedule) {
    case Schedule::kConstant:
      return highest;
    case Schedule::kCosine: {
      const double done = std::min(1.0, (time - warmup) / length);
      return highest * std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
    }
    case Schedule::kPolynomial:
      return kLastPolynomialRate + (highest - kLastPolynomialRate) * left;
    case Schedule::kLinear:
      break;
  }
  return highest * left;
}

}  // namespace cw
