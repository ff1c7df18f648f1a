// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw {

/// Scrambles 64 bits so that neighbouring inputs give unrelated outputs (SplitMix64, Steele et al. 2014,
/// doi:10.1145/2660193.2660195). Random numbers made from an index instead of a sequence do not depend on threads.
[[nodiscard]] constexpr std::uint64_t scramble(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

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
