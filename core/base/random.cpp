// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include "core/base/check.h"

#include <bit>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace cw {
namespace {

using Wide = unsigned __int128;

/// All bits up to the highest one of `value`.
std::uint64_t mask_over(std::uint64_t value) {
  return value == 0 ? 0 : UINT64_MAX >> static_cast<unsigned>(std::countl_zero(value));
}

/// Fisher-Yates from the end with numpy's masked rejection; `draw(mask)` gives a word with the bits of `mask`.
template <class Draw>
void masked_shuffle(std::span<std::int64_t> values, Draw draw) {
  for (std::size_t i = values.size(); i-- > 1;) {
    const std::uint64_t mask = mask_over(i);
    std::uint64_t j = draw(mask);
    while (j > i) j = draw(mask);
    std::swap(values[i], values[j]);
  }
}

std::vector<std::int64_t> counting(std::int64_t n) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

/// MT19937 state after init_genrand(seed).
std::array<std::uint32_t, 624> mt_state(std::uint32_t seed) {
  std::array<std::uint32_t, 624> state{};
  state[0] = seed;
  for (std::uint32_t i = 1; i < state.size(); ++i) {
    state[i] = 1812433253U * (state[i - 1] ^ (state[i - 1] >> 30U)) + i;
  }
  return state;
}

void mt_refill(std::array<std::uint32_t, 624>& state) {
  constexpr std::size_t kSize = 624;
  constexpr std::size_t kShift = 397;
  for (std::size_t i = 0; i < kSize; ++i) {
    const std::uint32_t bits = (state[i] & 0x80000000U) | (state[(i + 1) % kSize] & 0x7fffffffU);
    state[i] = state[(i + kShift) % kSize] ^ (bits >> 1U) ^ ((bits & 1U) != 0 ? 0x9908b0dfU : 0U);
  }
}

std::uint32_t mt_temper(std::uint32_t y) {
  y ^= y >> 11U;
  y ^= (y << 7U) & 0x9d2c5680U;
  y ^= (y << 15U) & 0xefc60000U;
  return y ^ (y >> 18U);
}

/// Python's random.Random: MT19937 initialised by an array, `getrandbits` and `_randbelow`.
class PythonRandom {
 public:
  explicit PythonRandom(std::uint32_t seed) : state_(mt_state(19650218U)) {
    constexpr std::size_t kSize = 624;
    std::size_t i = 1;
    for (std::size_t k = 0; k < kSize; ++k) {
      state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30U)) * 1664525U)) + seed;
      advance(i);
    }
    for (std::size_t k = 1; k < kSize; ++k) {
      state_[i] =
          (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30U)) * 1566083941U)) - static_cast<std::uint32_t>(i);
      advance(i);
    }
    state_[0] = 0x80000000U;
    position_ = kSize;
  }

  std::int64_t below(std::int64_t bound) {
    const auto bits = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(bound)));
    CW_ASSERT(bits <= 32);
    for (;;) {
      const std::uint32_t drawn = word() >> (32U - bits);
      if (static_cast<std::int64_t>(drawn) < bound) return drawn;
    }
  }

 private:
  void advance(std::size_t& i) {
    if (++i < state_.size()) return;
    state_[0] = state_[state_.size() - 1];
    i = 1;
  }

  std::uint32_t word() {
    if (position_ == state_.size()) {
      mt_refill(state_);
      position_ = 0;
    }
    return mt_temper(state_[position_++]);
  }

  std::array<std::uint32_t, 624> state_;
  std::size_t position_ = 0;
};

/// One Philox 4x32-10 block.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

}  // namespace

std::uint64_t CounterRandom::bits(std::uint64_t index) const noexcept {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32U); };
  const auto block = philox({low(index), high(index), low(stream_), high(stream_)}, {low(seed_), high(seed_)});
  return (std::uint64_t{block[1]} << 32U) | block[0];
}

std::uint64_t CounterRandom::below(std::uint64_t index, std::uint64_t bound) const noexcept {
  return static_cast<std::uint64_t>((static_cast<Wide>(bits(index)) * bound) >> 64U);
}

std::vector<std::int64_t> random_permutation(std::uint64_t seed, std::int64_t n) {
  const CounterRandom random(seed);
  auto order = counting(n);
  for (std::size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(i, i + 1)]);
  return order;
}

std::array<std::uint64_t, 4> numpy_seed_words(std::uint64_t seed) {
  constexpr std::size_t kPool = 4;
  std::uint32_t hash_constant = 0x43b0d7e5U;
  const auto hash = [&](std::uint32_t value) {
    value ^= hash_constant;
    hash_constant *= 0x931e8875U;
    value *= hash_constant;
    return value ^ (value >> 16U);
  };
  const auto mix = [](std::uint32_t x, std::uint32_t y) {
    const std::uint32_t result = 0xca01f9ddU * x - 0x4973f715U * y;
    return result ^ (result >> 16U);
  };
  std::array<std::uint32_t, kPool> entropy{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U), 0,
                                           0};
  std::array<std::uint32_t, kPool> pool{};
  for (std::size_t i = 0; i < kPool; ++i) pool[i] = hash(entropy[i]);
  for (std::size_t from = 0; from < kPool; ++from) {
    for (std::size_t to = 0; to < kPool; ++to) {
      if (from != to) pool[to] = mix(pool[to], hash(pool[from]));
    }
  }
  std::array<std::uint64_t, 4> words{};
  std::uint32_t output_constant = 0x8b51f9ddU;
  for (std::size_t i = 0; i < 2 * words.size(); ++i) {
    std::uint32_t value = pool[i % kPool] ^ output_constant;
    output_constant *= 0x58f38dedU;
    value *= output_constant;
    value ^= value >> 16U;
    words[i / 2] |= std::uint64_t{value} << (i % 2 == 0 ? 0U : 32U);
  }
  return words;
}

namespace {

Wide pcg_multiplier() { return (static_cast<Wide>(2549297995355413924ULL) << 64U) + 4865540595714422341ULL; }

}  // namespace

NumpyPcg64::NumpyPcg64(std::uint64_t seed) {
  const auto words = numpy_seed_words(seed);
  const Wide start = (static_cast<Wide>(words[0]) << 64U) | words[1];
  increment_ = (((static_cast<Wide>(words[2]) << 64U) | words[3]) << 1U) | 1U;
  state_ = (increment_ + start) * pcg_multiplier() + increment_;
}

std::uint64_t NumpyPcg64::next() {
  state_ = state_ * pcg_multiplier() + increment_;
  const auto folded = static_cast<std::uint64_t>(state_ >> 64U) ^ static_cast<std::uint64_t>(state_);
  return std::rotr(folded, static_cast<int>(state_ >> 122U));
}

std::vector<std::int64_t> numpy_permutation(std::uint64_t seed, std::int64_t n) {
  NumpyPcg64 generator(seed);
  std::uint64_t held = 0;
  bool has_held = false;
  const auto draw = [&](std::uint64_t mask) -> std::uint64_t {
    if (mask > UINT32_MAX) return generator.next() & mask;
    if (has_held) {
      has_held = false;
      return held & mask;
    }
    const std::uint64_t bits = generator.next();
    held = bits >> 32U;
    has_held = true;
    return bits & UINT32_MAX & mask;
  };
  auto order = counting(n);
  masked_shuffle(order, draw);
  return order;
}

namespace {

// random.sample(range(n), k)
std::vector<std::int64_t> sample_of(PythonRandom& random, std::int64_t n, std::int64_t k) {
  CW_ASSERT(k >= 0 && k <= n);
  std::int64_t set_size = 21;
  if (k > 5) {
    std::int64_t power = 1;
    while (power < 3 * k) power *= 4;
    set_size += power;
  }
  std::vector<std::int64_t> sample;
  sample.reserve(static_cast<std::size_t>(k));
  if (n <= set_size) {
    auto pool = counting(n);
    for (std::int64_t i = 0; i < k; ++i) {
      const auto j = static_cast<std::size_t>(random.below(n - i));
      sample.push_back(pool[j]);
      pool[j] = pool[static_cast<std::size_t>(n - i - 1)];
    }
    return sample;
  }
  std::unordered_set<std::int64_t> chosen;
  while (static_cast<std::int64_t>(sample.size()) < k) {
    const std::int64_t j = random.below(n);
    if (chosen.insert(j).second) sample.push_back(j);
  }
  return sample;
}

}  // namespace

std::vector<std::int64_t> python_sample(std::uint32_t seed, std::int64_t n, std::int64_t k) {
  PythonRandom random(seed);
  return sample_of(random, n, k);
}

std::vector<std::vector<std::int64_t>> python_samples(std::uint32_t seed,
                                                      std::span<const std::array<std::int64_t, 2>> sizes) {
  PythonRandom random(seed);
  std::vector<std::vector<std::int64_t>> samples;
  samples.reserve(sizes.size());
  for (const auto& [n, k] : sizes) samples.push_back(sample_of(random, n, k));
  return samples;
}

LegacyNumpyRandom::LegacyNumpyRandom(std::uint32_t seed) : state_(mt_state(seed)), position_(state_.size()) {}

std::uint32_t LegacyNumpyRandom::next_word() {
  if (position_ == state_.size()) {
    mt_refill(state_);
    position_ = 0;
  }
  return mt_temper(state_[position_++]);
}

void LegacyNumpyRandom::shuffle(std::span<std::int64_t> values) {
  masked_shuffle(values, [&](std::uint64_t mask) -> std::uint64_t {
    if (mask <= UINT32_MAX) return next_word() & mask;
    const std::uint64_t high = next_word();
    return ((high << 32U) | next_word()) & mask;
  });
}

std::vector<std::int64_t> LegacyNumpyRandom::permutation(std::int64_t n) {
  auto order = counting(n);
  shuffle(order);
  return order;
}

}  // namespace cw
