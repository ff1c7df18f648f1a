// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/keyed_random.h"

#include <cmath>
#include <numbers>

namespace cw {

double KeyedRandom::normal() noexcept {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace cw
