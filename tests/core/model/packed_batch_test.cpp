// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/packed_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace cw {
namespace {

ModelConfig small_config() {
  ModelConfig config;
  config.vocab_size = 10;
  config.max_positions = 4;
  config.layers = 6;
  return config;
}

PackedBatch batch_of(const std::vector<std::vector<std::int32_t>>& cells) {
  PackedBatch batch;
  for (const auto& cell : cells) batch.add(cell);
  return batch;
}

TEST(PackedBatch, KeepsCellsOneAfterTheOther) {
  const PackedBatch batch = batch_of({{5, 6}, {7}, {1, 2, 3}});
  EXPECT_EQ(batch.num_cells(), 3);
  EXPECT_EQ(batch.num_tokens(), 6);
  EXPECT_EQ(batch.offsets, (std::vector<std::int64_t>{0, 2, 3, 6}));
  EXPECT_EQ(batch.length(2), 3);
}

TEST(PackedBatch, IsRefusedWhereItDoesNotFitTheModel) {
  const ModelConfig config = small_config();
  EXPECT_TRUE(check_batch(batch_of({{0, 9, 1, 2}}), config).ok());
  EXPECT_EQ(check_batch(batch_of({{1, 2, 3, 4, 5}}), config).error().id, "E-MOD-010");
  EXPECT_EQ(check_batch(batch_of({{1}, {}}), config).error().id, "E-MOD-010");
  EXPECT_EQ(check_batch(batch_of({{10}}), config).error().id, "E-MOD-012");
  EXPECT_EQ(check_batch(batch_of({{-1}}), config).error().code, ErrorCode::kRefused);
  PackedBatch placed = batch_of({{1, 2}});
  placed.positions = {0, 4};
  EXPECT_EQ(check_batch(placed, config).error().id, "E-MOD-011");
}

TEST(PlanBatches, PutsEveryCellIntoOneBatchWithinTheBudgetLongestFirst) {
  const std::vector<std::int64_t> lengths = {3, 9, 1, 4, 4, 2};
  const auto batches = plan_batches(lengths, 8);
  const std::vector<std::vector<std::int64_t>> wanted = {{1}, {3, 4}, {0, 5, 2}};
  EXPECT_EQ(batches, wanted);
  EXPECT_TRUE(plan_batches({}, 8).empty());
}

TEST(LayerIndex, KnowsNamesAndNumbersAndRefusesTheRest) {
  const ModelConfig config = small_config();
  EXPECT_EQ(*layer_index(config, "last"), 6);
  EXPECT_EQ(*layer_index(config, "second-to-last"), 5);
  EXPECT_EQ(*layer_index(config, "0"), 0);
  EXPECT_EQ(*layer_index(config, "6"), 6);
  for (const char* wrong : {"7", "-1", "", "3x", "first"}) {
    EXPECT_EQ(layer_index(config, wrong).error().id, "E-MOD-013") << wrong;
  }
}

}  // namespace
}  // namespace cw
