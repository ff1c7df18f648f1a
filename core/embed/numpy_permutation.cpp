// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/numpy_permutation.h"

#include <array>
#include <numeric>
#include <utility>

namespace cw {
namespace {

__extension__ using Wide = unsigned __int128;

/// numpy's SeedSequence for one 32-bit word of entropy.
class SeedSequence {
 public:
  explicit SeedSequence(std::uint32_t seed) {
    for (std::size_t i = 0; i < pool_.size(); ++i) pool_[i] = hash(i == 0 ? seed : 0);
    for (std::size_t from = 0; from < pool_.size(); ++from) {
      for (std::size_t to = 0; to < pool_.size(); ++to) {
        if (from != to) pool_[to] = mix(pool_[to], hash(pool_[from]));
      }
    }
  }

  /// generate_state(4, uint64)
  [[nodiscard]] std::array<std::uint64_t, 4> state() const {
    std::array<std::uint32_t, 8> words{};
    std::uint32_t constant = 0x8b51f9ddU;
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::uint32_t value = pool_[i % pool_.size()] ^ constant;
      constant *= 0x58f38dedU;
      value *= constant;
      words[i] = value ^ (value >> 16);
    }
    std::array<std::uint64_t, 4> result{};
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = words[2 * i] | (static_cast<std::uint64_t>(words[2 * i + 1]) << 32);
    }
    return result;
  }

 private:
  std::uint32_t hash(std::uint32_t value) {
    value ^= constant_;
    constant_ *= 0x931e8875U;
    value *= constant_;
    return value ^ (value >> 16);
  }
  static std::uint32_t mix(std::uint32_t x, std::uint32_t y) {
    const std::uint32_t result = 0xca01f9ddU * x - 0x4973f715U * y;
    return result ^ (result >> 16);
  }

  std::uint32_t constant_ = 0x43b0d7e5U;
  std::array<std::uint32_t, 4> pool_{};
};

class Pcg64 {
 public:
  explicit Pcg64(std::uint32_t seed) {
    const auto words = SeedSequence(seed).state();
    increment_ = (((Wide{words[2]} << 64) | words[3]) << 1) | 1;
    step();
    state_ += (Wide{words[0]} << 64) | words[1];
    step();
  }

  /// Uniform in [0, largest], by masking and rejection as numpy's random_interval.
  std::uint64_t at_most(std::uint64_t largest) {
    std::uint64_t mask = largest;
    for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
    std::uint64_t value = 0;
    do {
      value = (largest <= 0xffffffffU ? next32() : next64()) & mask;
    } while (value > largest);
    return value;
  }

 private:
  void step() {
    constexpr Wide kMultiplier = (Wide{0x2360ed051fc65da4ULL} << 64) | 0x4385df649fccf645ULL;
    state_ = state_ * kMultiplier + increment_;
  }
  std::uint64_t next64() {
    step();
    const auto folded = static_cast<std::uint64_t>(state_ >> 64) ^ static_cast<std::uint64_t>(state_);
    const auto turn = static_cast<unsigned>(state_ >> 122);
    return (folded >> turn) | (folded << ((64 - turn) & 63));
  }
  std::uint32_t next32() {
    if (has_half_) {
      has_half_ = false;
      return half_;
    }
    const std::uint64_t both = next64();
    half_ = static_cast<std::uint32_t>(both >> 32);
    has_half_ = true;
    return static_cast<std::uint32_t>(both);
  }

  Wide state_ = 0;
  Wide increment_ = 0;
  std::uint32_t half_ = 0;
  bool has_half_ = false;
};

}  // namespace

std::vector<std::int64_t> numpy_permutation(std::uint32_t seed, std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  Pcg64 random(seed);
  for (std::size_t i = order.size(); i-- > 1;) {
    std::swap(order[i], order[static_cast<std::size_t>(random.at_most(i))]);
  }
  return order;
}

}  // namespace cw
