// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/rank_list.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

using Tokens = std::vector<std::int32_t>;
constexpr std::int32_t kCls = 2;
constexpr std::int32_t kEos = 3;

PerturbedCell changed(RankChange change, const Tokens& cell, const Tokens& genes, RankLimits limits = {}) {
  PerturbedCell out;
  EXPECT_TRUE(apply_change(change, cell, genes, limits, out));
  return out;
}

/// Without special tokens, limit 2048.
Tokens v1(RankOperation operation, const Tokens& cell, const Tokens& genes, int quartiles = 1, double position = 0.5) {
  return changed({operation, quartiles, position}, cell, genes).tokens;
}

TEST(RankListTest, deleteTakesTheGeneOut) {
  EXPECT_EQ(v1(RankOperation::kDelete, {10, 11, 12, 13, 14}, {12}), (Tokens{10, 11, 13, 14}));
  EXPECT_EQ(changed({}, {kCls, 10, 11, 12, kEos}, {10, 12}, {true, 4096, false}).tokens, (Tokens{kCls, 11, kEos}));
}

TEST(RankListTest, overexpressMovesToTheFrontOfTheGenes) {
  EXPECT_EQ(v1(RankOperation::kOverexpress, {10, 11, 12, 13, 14}, {13}), (Tokens{13, 10, 11, 12, 14}));
  EXPECT_EQ(v1(RankOperation::kOverexpress, {10, 11, 12, 13, 14}, {11, 13}), (Tokens{11, 13, 10, 12, 14}));
  EXPECT_EQ(changed({RankOperation::kOverexpress}, {kCls, 10, 11, 12, 13, kEos}, {13}, {true, 4096, false}).tokens,
            (Tokens{kCls, 13, 10, 11, 12, kEos}));
}

TEST(RankListTest, overexpressKeepsTheOrderOfTheListForAbsentGenes) {
  EXPECT_EQ(v1(RankOperation::kOverexpress, {10, 11, 12}, {30, 12, 20}), (Tokens{30, 12, 20, 10, 11}));
}

TEST(RankListTest, insertionAtTheSizeLimitShortensTheOriginalByWhatFellOff) {
  const RankChange front{RankOperation::kOverexpress};
  const Tokens five = {10, 11, 12, 13, 14};
  auto fits = changed(front, five, {20}, {false, 6, false});
  EXPECT_EQ(fits.tokens, (Tokens{20, 10, 11, 12, 13, 14}));
  EXPECT_TRUE(fits.original.empty());
  auto over = changed(front, five, {20}, {false, 5, false});
  EXPECT_EQ(over.tokens, (Tokens{20, 10, 11, 12, 13}));
  EXPECT_EQ(over.original, (Tokens{10, 11, 12, 13}));
  const Tokens special = {kCls, 10, 11, 12, 13, kEos};
  auto with_special = changed(front, special, {20}, {true, 6, false});
  EXPECT_EQ(with_special.tokens, (Tokens{kCls, 20, 10, 11, 12, kEos}));
  EXPECT_EQ(with_special.original, (Tokens{kCls, 10, 11, 12, kEos}));
  auto present = changed(front, special, {12}, {true, 6, false});
  EXPECT_EQ(present.tokens, (Tokens{kCls, 12, 10, 11, 13, kEos}));
  EXPECT_TRUE(present.original.empty());
}

TEST(RankListTest, aListedGeneInTheLostTailStaysInTheOriginal) {
  const auto out = changed({RankOperation::kOverexpress}, {10, 11, 12, 13, 14}, {20, 14}, {false, 5, false});
  EXPECT_EQ(out.tokens, (Tokens{20, 14, 10, 11, 12}));
  EXPECT_EQ(out.original, (Tokens{10, 11, 12, 14}));
}

TEST(RankListTest, matchUpstreamCutsByTheOverflowAfterInsertion) {
  const auto out = changed({RankOperation::kOverexpress}, {10, 11, 12, 13, 14}, {20}, {false, 6, true});
  EXPECT_EQ(out.tokens, (Tokens{20, 10, 11, 12, 13, 14}));
  EXPECT_EQ(out.original, (Tokens{10, 11, 12, 13}));
  const auto special = changed({RankOperation::kOverexpress}, {kCls, 10, 11, 12, kEos}, {20}, {true, 6, true});
  EXPECT_EQ(special.original, (Tokens{kCls, 10, 11, kEos}));
}

TEST(RankListTest, inhibitMovesToTheMiddleOfTheQuartileBelow) {
  const Tokens eight = {0, 1, 2, 3, 4, 5, 6, 7};
  // 7 genes are left: quartile 2 holds positions 1 and 2, quartile 3 holds 3 and 4, quartile 4 holds 5 and 6
  EXPECT_EQ(v1(RankOperation::kInhibit, eight, {0}, 1), (Tokens{1, 0, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(v1(RankOperation::kInhibit, eight, {1}, 2), (Tokens{0, 2, 3, 1, 4, 5, 6, 7}));
  EXPECT_EQ(v1(RankOperation::kInhibit, eight, {2}, 2), (Tokens{0, 1, 3, 4, 5, 2, 6, 7}));
  EXPECT_EQ(v1(RankOperation::kInhibit, eight, {4}, 2), (Tokens{0, 1, 2, 3, 5, 6, 7, 4}));
}

TEST(RankListTest, activateMovesToTheMiddleOfTheQuartileAboveOrToTheFront) {
  const Tokens eight = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(v1(RankOperation::kActivate, eight, {7}, 1), (Tokens{0, 1, 2, 7, 3, 4, 5, 6}));
  EXPECT_EQ(v1(RankOperation::kActivate, eight, {7}, 3), (Tokens{7, 0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(v1(RankOperation::kActivate, eight, {3}, 2), (Tokens{3, 0, 1, 2, 4, 5, 6, 7}));
}

TEST(RankListTest, severalGenesKeepTheirOriginalOrder) {
  const Tokens eight = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(v1(RankOperation::kInhibit, eight, {5, 4}, 2), (Tokens{0, 1, 2, 3, 6, 7, 4, 5}));
  EXPECT_EQ(v1(RankOperation::kActivate, eight, {1, 0}, 1), eight);
}

TEST(RankListTest, rankReachesBothEndsOfTheList) {
  const Tokens five = {10, 11, 12, 13, 14};
  EXPECT_EQ(v1(RankOperation::kRank, five, {12}, 1, 0.0), (Tokens{12, 10, 11, 13, 14}));
  EXPECT_EQ(v1(RankOperation::kRank, five, {12}, 1, 1.0), (Tokens{10, 11, 13, 14, 12}));
  EXPECT_EQ(v1(RankOperation::kRank, five, {10}, 1, 0.5), (Tokens{11, 12, 10, 13, 14}));
}

TEST(RankListTest, aChangeIsUndefinedWhereAGeneIsAbsentOrNothingIsLeft) {
  PerturbedCell out;
  const Tokens cell = {10, 11};
  EXPECT_FALSE(apply_change({RankOperation::kDelete}, cell, Tokens{12}, {}, out));
  EXPECT_FALSE(apply_change({RankOperation::kInhibit}, cell, Tokens{10, 12}, {}, out));
  EXPECT_FALSE(apply_change({RankOperation::kDelete}, cell, Tokens{10, 11}, {}, out));
  EXPECT_FALSE(apply_change({RankOperation::kOverexpress}, cell, Tokens{12, 13}, {false, 2, false}, out));
}

TEST(RankListTest, theRankOfTheFirstGeneIsCountedWithoutSpecialTokens) {
  const Tokens cell = {kCls, 10, 11, 12, kEos};
  EXPECT_EQ(changed({}, cell, {11}, {true, 4096, false}).rank, 1);
  EXPECT_EQ(changed({RankOperation::kOverexpress}, cell, {20}, {true, 4096, false}).rank, -1);
  EXPECT_EQ(changed({RankOperation::kOverexpress}, cell, {20, 12}, {true, 4096, false}).rank, 2);
}

TEST(RankListTest, rowsOfUnperturbedGenesAreMatchedByToken) {
  using Rows = std::vector<std::pair<std::int32_t, std::int32_t>>;
  EXPECT_EQ(unperturbed_genes(Tokens{10, 12}, Tokens{10, 11, 12}, Tokens{11}, false), (Rows{{0, 0}, {1, 2}}));
  EXPECT_EQ(unperturbed_genes(Tokens{kCls, 12, 10, kEos}, Tokens{kCls, 10, 12, kEos}, Tokens{12}, true),
            (Rows{{2, 1}}));
}

TEST(RankListTest, aGeneThatACellHasTwiceIsMatchedPlaceByPlace) {
  using Rows = std::vector<std::pair<std::int32_t, std::int32_t>>;
  EXPECT_EQ(unperturbed_genes(Tokens{10, 12, 10, 13}, Tokens{10, 11, 12, 10, 13}, Tokens{11}, false),
            (Rows{{0, 0}, {1, 2}, {2, 3}, {3, 4}}));
  // the second one fell off the end of the original
  EXPECT_EQ(unperturbed_genes(Tokens{12, 10, 10}, Tokens{10, 12}, Tokens{11}, false), (Rows{{0, 1}, {1, 0}}));
}

}  // namespace
}  // namespace cw
