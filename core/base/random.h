// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Scrambles 64 bits so that neighbouring inputs give unrelated outputs (SplitMix64, Steele et al. 2014,
/// doi:10.1145/2660193.2660195). Random numbers made from an index instead of a sequence do not depend on threads.
[[nodiscard]] constexpr std::uint64_t scramble(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// Random numbers that are a function of (seed, stream, counter) alone: Philox 4x32-10 (Salmon et al. 2011). Any number
/// can be drawn at any place by any thread, so a result never depends on the order of the work.
class CounterRandom {
 public:
  explicit CounterRandom(std::uint64_t seed, std::uint64_t stream = 0) noexcept : seed_(seed), stream_(stream) {}

  /// The `index`-th 64 random bits.
  [[nodiscard]] std::uint64_t bits(std::uint64_t index) const noexcept;
  /// In [0, 1), 53 bits.
  [[nodiscard]] double uniform(std::uint64_t index) const noexcept {
    return static_cast<double>(bits(index) >> 11U) * 0x1.0p-53;
  }
  /// In [0, bound), without noticeable bias (128-bit product).
  [[nodiscard]] std::uint64_t below(std::uint64_t index, std::uint64_t bound) const noexcept;

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

/// A random order of 0..n-1, by `CounterRandom`.
[[nodiscard]] std::vector<std::int64_t> random_permutation(std::uint64_t seed, std::int64_t n);

/// numpy.random.default_rng(seed).permutation(n): the order in which the published code shuffles data sets.
[[nodiscard]] std::vector<std::int64_t> numpy_permutation(std::uint64_t seed, std::int64_t n);

/// random.seed(seed); random.sample(range(n), k) of Python 3, k <= n.
[[nodiscard]] std::vector<std::int64_t> python_sample(std::uint32_t seed, std::int64_t n, std::int64_t k);

/// Several samples after one random.seed(seed): `sizes` are n and k of each.
[[nodiscard]] std::vector<std::vector<std::int64_t>> python_samples(std::uint32_t seed,
                                                                    std::span<const std::array<std::int64_t, 2>> sizes);

/// numpy.random.RandomState(seed).permutation(n): as scikit-learn shuffles.
class LegacyNumpyRandom {
 public:
  explicit LegacyNumpyRandom(std::uint32_t seed);
  [[nodiscard]] std::vector<std::int64_t> permutation(std::int64_t n);
  /// Shuffles in place, as RandomState.shuffle.
  void shuffle(std::span<std::int64_t> values);
  [[nodiscard]] std::uint32_t next_word();

 private:
  std::array<std::uint32_t, 624> state_{};
  std::size_t position_ = 0;
};

/// PCG64 (XSL-RR 128/64) seeded by numpy's SeedSequence: the generator behind numpy.random.default_rng.
class NumpyPcg64 {
 public:
  explicit NumpyPcg64(std::uint64_t seed);
  [[nodiscard]] std::uint64_t next();

 private:
  unsigned __int128 state_ = 0;
  unsigned __int128 increment_ = 0;
};

/// The four 64-bit words that SeedSequence(seed) gives a PCG64.
[[nodiscard]] std::array<std::uint64_t, 4> numpy_seed_words(std::uint64_t seed);

}  // namespace cw
