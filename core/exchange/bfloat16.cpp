// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/bfloat16.h"

namespace cw {

void round_to(std::span<const float> from, std::span<Bf16> to) noexcept {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = to_bf16(from[i]);
}

void widen_to(std::span<const Bf16> from, std::span<float> to) noexcept {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = to_float(from[i]);
}

}  // namespace cw
