// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"

#include <cstdint>

namespace cw {

/// A number for the `index`-th draw of `stream`.
[[nodiscard]] constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream,
                                                  std::uint64_t index) noexcept {
  return scramble(scramble(scramble(seed) ^ stream) ^ index);
}

/// Uniform in [0, 1).
[[nodiscard]] constexpr double unit_interval(std::uint64_t bits) noexcept {
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

/// Uniform in [0, size).
[[nodiscard]] constexpr std::uint32_t random_below(std::uint64_t bits, std::uint32_t size) noexcept {
  return static_cast<std::uint32_t>(((bits >> 32) * size) >> 32);
}

}  // namespace cw
