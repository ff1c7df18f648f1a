// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cw {
namespace {

using Order = std::vector<std::int64_t>;

Order first(const Order& values, std::size_t count) {
  return {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count)};
}
Order last(const Order& values, std::size_t count) {
  return {values.end() - static_cast<std::ptrdiff_t>(count), values.end()};
}

// Expected values: behaviour spec, appendix A (numpy 2.4, Python 3.11).
TEST(NumpyGenerator, GivesNumpysWordsAndPermutations) {
  EXPECT_EQ(numpy_seed_words(42), (std::array<std::uint64_t, 4>{11465652750463011511U, 15382171918060459190U,
                                                                9018504550953525431U, 3703499796004394495U}));
  NumpyPcg64 generator(42);
  EXPECT_EQ(generator.next(), 14276969152011380360U);
  EXPECT_EQ(generator.next(), 8095878257575067585U);
  EXPECT_EQ(generator.next(), 15838336090824644132U);
  EXPECT_EQ(numpy_permutation(42, 10), (Order{5, 6, 0, 7, 3, 2, 4, 9, 1, 8}));
  EXPECT_EQ(first(numpy_permutation(42, 100), 10), (Order{59, 21, 56, 18, 33, 42, 50, 27, 92, 71}));
  EXPECT_EQ(first(numpy_permutation(42, 5000), 10), (Order{1535, 1183, 3378, 3825, 643, 90, 2835, 3865, 2220, 2177}));
  EXPECT_TRUE(numpy_permutation(42, 0).empty());
  EXPECT_EQ(numpy_permutation(42, 1), (Order{0}));
}

TEST(PythonGenerator, SamplesAsPythonDoes) {
  EXPECT_EQ(python_sample(42, 10, 3), (Order{1, 0, 4}));
  EXPECT_EQ(python_sample(42, 1000, 5), (Order{654, 114, 25, 759, 281}));
  const auto dense = python_sample(42, 250000, 100000);
  EXPECT_EQ(first(dense, 5), (Order{167621, 29184, 6556, 194393, 72097}));
  EXPECT_EQ(last(dense, 3), (Order{232555, 203906, 56052}));
  EXPECT_EQ(first(python_sample(42, 2000000, 100000), 5), (Order{1340975, 233478, 52451, 1555144, 576778}));
}

TEST(LegacyNumpyGenerator, ShufflesAsRandomStateDoes) {
  LegacyNumpyRandom words(0);
  EXPECT_EQ(words.next_word(), 2357136044U);
  EXPECT_EQ(words.next_word(), 2546248239U);
  EXPECT_EQ(words.next_word(), 3071714933U);
  EXPECT_EQ(LegacyNumpyRandom(0).permutation(10), (Order{2, 8, 4, 9, 1, 6, 7, 3, 0, 5}));
  EXPECT_EQ(first(LegacyNumpyRandom(0).permutation(137), 5), (Order{26, 8, 86, 78, 43}));
}

TEST(CounterRandom, IsAFunctionOfSeedStreamAndIndex) {
  // Philox 4x32-10 of counter 0, key 0: known answer of the Random123 distribution
  EXPECT_EQ(CounterRandom(0).bits(0), 0xe169c58d6627e8d5U);
  const CounterRandom random(42, 7);
  EXPECT_EQ(random.bits(123), CounterRandom(42, 7).bits(123));
  EXPECT_NE(random.bits(123), CounterRandom(42, 8).bits(123));
  EXPECT_NE(random.bits(123), CounterRandom(43, 7).bits(123));
  double mean = 0.0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const double u = random.uniform(i);
    ASSERT_TRUE(u >= 0.0 && u < 1.0);
    ASSERT_LT(random.below(i, 7), 7U);
    mean += u / 10000;
  }
  EXPECT_NEAR(mean, 0.5, 0.02);
}

TEST(CounterRandom, PermutesEveryElementOnce) {
  auto order = random_permutation(42, 1000);
  EXPECT_NE(order, random_permutation(43, 1000));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 1000; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace cw
