// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"

#include <cstdint>
#include <initializer_list>

namespace cw {

/// What a stream of random numbers is for; part of its key, so that no two uses share numbers.
enum class RandomUse : std::uint64_t { kWeights = 1, kSplit, kOrder, kLeaveOut, kMask, kDropout };

/// Random numbers as a function of a key and a counter: nothing has to be stored to resume a run but the numbers that
/// make up the key (seed, epoch, cell, step, ...), and threads may draw in any order.
class KeyedRandom {
 public:
  KeyedRandom(std::uint64_t seed, RandomUse use, std::initializer_list<std::uint64_t> place) noexcept
      : key_(scramble(scramble(seed) ^ static_cast<std::uint64_t>(use))) {
    for (const std::uint64_t part : place) key_ = scramble(key_ ^ scramble(part));
  }

  [[nodiscard]] std::uint64_t key() const noexcept { return key_; }
  [[nodiscard]] std::uint64_t bits() noexcept { return scramble(key_ + counter_++ * 0xd1342543de82ef95ULL); }
  /// In [0, 1), 53 bits.
  [[nodiscard]] double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  /// In [0, bound), unbiased (Lemire 2019 without the rare rejection: bias below 2^-32 for bounds below 2^32).
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits()) * bound) >> 64);
  }
  /// Standard normal (Box and Muller).
  [[nodiscard]] double normal() noexcept;

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace cw
