// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <bit>
#include <cstdint>
#include <span>

namespace cw {

/// A float with 8 of its 24 significant bits, in half of its bytes.
struct Bf16 {
  std::uint16_t bits = 0;
};

[[nodiscard]] constexpr float to_float(Bf16 value) noexcept {
  return std::bit_cast<float>(std::uint32_t{value.bits} << 16U);
}

/// To nearest, halves to even; what is no number stays none.
[[nodiscard]] constexpr Bf16 to_bf16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
  const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
  return {static_cast<std::uint16_t>((is_nan ? bits | 0x400000U : rounded) >> 16U)};
}

void round_to(std::span<const float> from, std::span<Bf16> to) noexcept;
void widen_to(std::span<const Bf16> from, std::span<float> to) noexcept;

}  // namespace cw
