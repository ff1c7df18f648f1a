// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/rank_value_encoder.h"

#include "core/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

using Tokens = std::vector<std::int32_t>;

std::shared_ptr<const Dictionary> dictionary(const char* name) {
  auto loaded = Dictionary::load(name);
  EXPECT_TRUE(loaded.ok());
  return *loaded;
}

Tokens encode(const RankValueEncoder& encoder, const std::vector<std::uint32_t>& genes,
              const std::vector<float>& values, double total) {
  RankValueEncoder::Scratch scratch;
  Tokens out(genes.size() + 2);
  const auto length = encoder.encode(genes, values, total, scratch, out.data());
  out.resize(length.kept);
  return out;
}

std::vector<std::uint32_t> counting(std::size_t n) {
  std::vector<std::uint32_t> genes(n);
  std::iota(genes.begin(), genes.end(), 0U);
  return genes;
}

TEST(RankValueEncoder, GivesTheTestVectorOfTheSpecification) {
  const auto v1 = dictionary("v1");
  Tokens token_of_gene;
  for (const char* gene : {"GATA4", "TTN", "ACTB", "MT-CO1", "NPPA", "MYH7", "GAPDH", "TNNT2", "RPL3", "MIR21"}) {
    token_of_gene.push_back(*v1->resolve(gene));
  }
  const RankValueEncoder encoder(*v1, token_of_gene, {});
  EXPECT_EQ(encode(encoder, counting(10), {1, 12, 30, 200, 3, 8, 15, 9, 40, 1}, 4321.0),
            (Tokens{17247, 9837, 2257, 3906, 1319, 25029, 4776, 7261, 1956, 13709}));
}

TEST(RankValueEncoder, OrdersEqualScoresByToken) {
  const auto made = Dictionary::from_entries("made",
                                             {{"<pad>", 0, 0, ""},
                                              {"<mask>", 1, 0, ""},
                                              {"G2", 2, 2.0, ""},
                                              {"G3", 3, 1.0, ""},
                                              {"G4", 4, 2.0, ""},
                                              {"G5", 5, 0.5, ""}},
                                             2048);
  ASSERT_TRUE(made.ok());
  const RankValueEncoder encoder(**made, {5, 4, 3, 2}, {});
  EXPECT_EQ(encode(encoder, {0, 1, 2, 3}, {1, 4, 2, 4}, 100.0), (Tokens{2, 3, 4, 5}));
}

TEST(RankValueEncoder, LeavesOutZerosAndGenesOutsideTheVocabulary) {
  const auto v1 = dictionary("v1");
  const RankValueEncoder encoder(*v1, {100, -1, 200, 300}, {});
  auto tokens = encode(encoder, {0, 1, 2, 3}, {1, 50, 0, 1}, 52.0);
  std::sort(tokens.begin(), tokens.end());
  EXPECT_EQ(tokens, (Tokens{100, 300}));
  EXPECT_TRUE(encode(encoder, {1}, {50}, 52.0).empty());
  EXPECT_TRUE(encode(RankValueEncoder(*dictionary("v2"), {-1}, {}), {0}, {50}, 52.0).empty());
}

TEST(RankValueEncoder, CutsLongCellsAndFramesThemWithSpecialTokens) {
  const auto v2 = dictionary("v2");
  Tokens token_of_gene(6000);
  std::iota(token_of_gene.begin(), token_of_gene.end(), 4);
  std::vector<float> values(6000, 1.0F);
  const RankValueEncoder encoder(*v2, token_of_gene, {});
  RankValueEncoder::Scratch scratch;
  Tokens out(6002);
  const auto length = encoder.encode(counting(6000), values, 6000.0, scratch, out.data());
  EXPECT_EQ(length.kept, 4096U);
  EXPECT_EQ(length.full, 6002U);
  EXPECT_EQ(out[0], 2);
  EXPECT_EQ(out[4095], 3);
  const RankValueEncoder shorter(*v2, token_of_gene, {.max_length = 10});
  EXPECT_EQ(shorter.encode(counting(6000), values, 6000.0, scratch, out.data()).kept, 10U);
}

TEST(RankValueEncoder, SumsGenesOfTheSameTokenUnlessToldNotTo) {
  const auto v1 = dictionary("v1");
  const Tokens token_of_gene{500, 600, 500};
  const auto summed = encode(RankValueEncoder(*v1, token_of_gene, {}), {0, 1, 2}, {1, 1, 1}, 3.0);
  EXPECT_EQ(std::count(summed.begin(), summed.end(), 500), 1);
  const auto repeated =
      encode(RankValueEncoder(*v1, token_of_gene, {.sum_repeated = false}), {0, 1, 2}, {1, 1, 1}, 3.0);
  EXPECT_EQ(std::count(repeated.begin(), repeated.end(), 500), 2);
  // the sum counts, not one of the rows
  const auto alone = encode(RankValueEncoder(*v1, {500, 600}, {}), {0, 1}, {2, 1}, 3.0);
  EXPECT_EQ(summed, alone);
}

TEST(RankValueEncoder, SortsAnyCellExactlyAsComparingWould) {
  const auto v1 = dictionary("v1");
  const CounterRandom random(42);
  RankValueEncoder::Scratch scratch;
  std::uint64_t draw = 0;
  for (int cell = 0; cell < 300; ++cell) {
    const auto n = static_cast<std::size_t>(1 + random.below(draw++, cell % 3 == 0 ? 60 : 3000));
    const auto order = random_permutation(static_cast<std::uint64_t>(cell), 25424);
    Tokens token_of_gene(n);
    std::vector<float> values(n);
    double total = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      token_of_gene[i] = static_cast<std::int32_t>(order[i]) + 2;
      values[i] = static_cast<float>(1 + random.below(draw++, cell % 2 == 0 ? 3 : 500));
      total += static_cast<double>(values[i]);
    }
    Tokens expected(n);
    std::vector<double> score(25426);
    for (std::size_t i = 0; i < n; ++i) {
      expected[i] = token_of_gene[i];
      score[static_cast<std::size_t>(token_of_gene[i])] =
          static_cast<double>(values[i]) / total * 10000.0 / v1->median(token_of_gene[i]);
    }
    std::sort(expected.begin(), expected.end(), [&](std::int32_t a, std::int32_t b) {
      const double x = score[static_cast<std::size_t>(a)];
      const double y = score[static_cast<std::size_t>(b)];
      return x > y || (x == y && a < b);
    });
    expected.resize(std::min<std::size_t>(n, 2048));
    const RankValueEncoder encoder(*v1, token_of_gene, {});
    Tokens out(n + 2);
    out.resize(encoder.encode(counting(n), values, total, scratch, out.data()).kept);
    ASSERT_EQ(out, expected) << "cell " << cell;
  }
}

TEST(RankValueEncoder, DoesNotDependOnTheOrderOfGenesInTheFile) {
  const auto v2 = dictionary("v2");
  Tokens token_of_gene(800);
  std::iota(token_of_gene.begin(), token_of_gene.end(), 4);
  const RankValueEncoder encoder(*v2, token_of_gene, {});
  auto genes = counting(800);
  std::vector<float> values(800);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(1 + i % 7);
  const auto expected = encode(encoder, genes, values, 3200.0);
  std::vector<std::uint32_t> shuffled;
  std::vector<float> their_values;
  for (const auto i : random_permutation(1, 800)) {
    shuffled.push_back(static_cast<std::uint32_t>(i));
    their_values.push_back(values[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(encode(encoder, shuffled, their_values, 3200.0), expected);
}

}  // namespace
}  // namespace cw
