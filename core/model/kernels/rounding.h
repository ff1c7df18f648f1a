// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace cw {

/// The nearest bfloat16, ties to even, as its 16 bits. For finite values.
[[nodiscard]] inline std::uint16_t to_bfloat16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

[[nodiscard]] inline float from_bfloat16(std::uint16_t value) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U);
}

/// Rounds a row to 256 steps between its smallest and largest value (0 included), as the int8 kernels see it.
inline void round_to_8_bits(const float* from, float* to, std::int64_t count) noexcept {
  float low = 0.0F;
  float high = 0.0F;
  for (std::int64_t i = 0; i < count; ++i) {
    low = std::min(low, from[i]);
    high = std::max(high, from[i]);
  }
  const float step = high > low ? (high - low) / 255.0F : 1.0F;
  for (std::int64_t i = 0; i < count; ++i) to[i] = low + std::nearbyint((from[i] - low) / step) * step;
}

}  // namespace cw
