// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/cell_order.h"
#include "core/train/kernel_sets.h"
#include "core/train/keyed_random.h"
#include "core/train/masked_batch.h"
#include "core/train/presets.h"
#include "core/train/product.h"
#include "core/train/schedule.h"
#include "core/train/scratch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace cw {
namespace {

TEST(Schedule, HasTheValuesOfTheTransformersSchedules) {
  // transformers 4.46: get_linear_schedule_with_warmup(opt, 4, 12), get_cosine_schedule_with_warmup(opt, 4, 12)
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kLinear, 1.0, 0, 4, 12), 0.0);
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kLinear, 1.0, 3, 4, 12), 0.75);
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kLinear, 1.0, 4, 4, 12), 1.0);
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kLinear, 1.0, 10, 4, 12), 0.25);
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kLinear, 1.0, 12, 4, 12), 0.0);
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kCosine, 1.0, 2, 4, 12), 0.5);
  EXPECT_NEAR(rate_at(Schedule::kCosine, 1.0, 8, 4, 12), 0.5, 1e-15);
  EXPECT_NEAR(rate_at(Schedule::kCosine, 1.0, 6, 4, 12), 0.5 * (1 + std::sqrt(0.5)), 1e-15);
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kConstant, 1.0, 11, 4, 12), 1.0);
  EXPECT_EQ(schedule_of("cosine"), Schedule::kCosine);
}

TEST(Schedule, PolynomialDecayIsThatOfTransformers) {
  const auto golden = read_json(CW_SOURCE_DIR "/tests/golden/published/golden.json");
  ASSERT_TRUE(golden.ok()) << golden.error().message;
  const Json& rates = (*golden)["rates"];
  ASSERT_EQ(rates["polynomial"].size(), 40U);
  for (std::size_t step = 0; step < 40; ++step) {
    EXPECT_NEAR(
        rate_at(schedule_of("polynomial"), rates["rate"], static_cast<double>(step), rates["warmup"], rates["steps"]),
        rates["polynomial"][step].get<double>(), 1e-16)
        << step;
  }
  EXPECT_DOUBLE_EQ(rate_at(Schedule::kPolynomial, 1e-3, 12, 4, 12), 1e-7);
}

MaskingRule rule_of(std::int64_t vocabulary) {
  MaskingRule rule;
  rule.vocab_size = vocabulary;
  rule.special = {2, 3};
  return rule;
}

std::vector<std::int32_t> long_cell() {
  std::vector<std::int32_t> cell{2};
  for (std::int32_t i = 0; i < 40000; ++i) cell.push_back(4 + i % 1000);
  cell.push_back(3);
  return cell;
}

TEST(Masking, ChoosesFifteenPercentAndHidesThemEightyTenTen) {
  MaskedBatch batch;
  const std::vector<std::int32_t> cell = long_cell();
  append_masked(cell, 5, 0, 42, rule_of(1004), batch);
  const auto chosen = static_cast<double>(batch.targets.size());
  EXPECT_NEAR(chosen / 40000.0, 0.15, 0.006);  // 3 standard deviations
  double masked = 0;
  double same = 0;
  for (std::size_t i = 0; i < batch.targets.size(); ++i) {
    const auto row = static_cast<std::size_t>(batch.masked_rows[i]);
    EXPECT_EQ(batch.targets[i], cell[row]);
    masked += batch.tokens[row] == 1 ? 1 : 0;
    same += batch.tokens[row] == batch.targets[i] ? 1 : 0;
  }
  EXPECT_NEAR(masked / chosen, 0.8, 0.017);
  EXPECT_NEAR(same / chosen, 0.1, 0.013);
  for (std::size_t i = 0, next = 0; i < cell.size(); ++i) {
    const bool is_chosen = next < batch.masked_rows.size() && batch.masked_rows[next] == static_cast<std::int64_t>(i);
    if (is_chosen) ++next;
    EXPECT_TRUE(is_chosen || batch.tokens[i] == cell[i]);
  }
}

TEST(Masking, LeavesClsAndEosAloneUnlessAsked) {
  const std::vector<std::int32_t> cell{2, 3};
  int chosen = 0;
  int chosen_when_asked = 0;
  for (std::uint64_t visit = 0; visit < 400; ++visit) {
    MaskedBatch batch;
    append_masked(cell, 0, visit, 1, rule_of(50), batch);
    chosen += static_cast<int>(batch.targets.size());
    MaskingRule asked = rule_of(50);
    asked.mask_special = true;
    MaskedBatch other;
    append_masked(cell, 0, visit, 1, asked, other);
    chosen_when_asked += static_cast<int>(other.targets.size());
  }
  EXPECT_EQ(chosen, 0);
  EXPECT_NEAR(chosen_when_asked, 120, 40);
}

TEST(Masking, DependsOnSeedVisitAndCellOnly) {
  const std::vector<std::int32_t> cell = long_cell();
  MaskedBatch alone;
  append_masked(cell, 7, 3, 42, rule_of(1004), alone);
  MaskedBatch second;
  append_masked(std::vector<std::int32_t>{2, 9, 3}, 1, 3, 42, rule_of(1004), second);
  append_masked(cell, 7, 3, 42, rule_of(1004), second);
  EXPECT_TRUE(std::equal(alone.tokens.begin(), alone.tokens.end(), second.tokens.begin() + 3));
  for (const auto& [visit, number, seed] : {std::array{4, 7, 42}, std::array{3, 8, 42}, std::array{3, 7, 43}}) {
    MaskedBatch other;
    append_masked(cell, static_cast<std::uint64_t>(number), static_cast<std::uint64_t>(visit),
                  static_cast<std::uint64_t>(seed), rule_of(1004), other);
    EXPECT_NE(other.masked_rows, alone.masked_rows);
  }
}

TEST(Masking, LeavesOutGenesButKeepsTheirOrderAndTheSpecialTokens) {
  MaskingRule rule = rule_of(1004);
  rule.leave_out = 0.5;
  rule.probability = 0.0;
  std::vector<std::int32_t> cell{2};
  for (std::int32_t i = 4; i < 1000; ++i) cell.push_back(i);
  cell.push_back(3);
  double kept = 0;
  for (std::uint64_t visit = 0; visit < 50; ++visit) {
    MaskedBatch batch;
    append_masked(cell, 0, visit, 1, rule, batch);
    EXPECT_EQ(batch.tokens.front(), 2);
    EXPECT_EQ(batch.tokens.back(), 3);
    EXPECT_TRUE(std::is_sorted(batch.tokens.begin() + 1, batch.tokens.end() - 1));
    EXPECT_EQ(batch.positions.back(), batch.num_tokens() - 1);
    kept += static_cast<double>(batch.num_tokens());
  }
  EXPECT_NEAR(kept / 50.0 / static_cast<double>(cell.size()), 0.75, 0.07);
}

TEST(CellOrder, EveryCellComesOnceWithinTheBudget) {
  std::vector<std::int64_t> lengths;
  KeyedRandom random(1, RandomUse::kOrder, {});
  for (int i = 0; i < 500; ++i) lengths.push_back(1 + static_cast<std::int64_t>(random.below(300)));
  for (const CellOrder order : {CellOrder::kPacked, CellOrder::kByLength}) {
    const auto batches = epoch_batches(lengths, 256, order, 42, 0);
    std::multiset<std::int64_t> seen;
    for (const auto& batch : batches) {
      std::int64_t tokens = 0;
      for (const std::int64_t cell : batch) {
        tokens += lengths[static_cast<std::size_t>(cell)];
        seen.insert(cell);
      }
      EXPECT_TRUE(tokens <= 256 || batch.size() == 1);
    }
    EXPECT_EQ(seen.size(), lengths.size());
    EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), lengths.size());
    EXPECT_EQ(batches, epoch_batches(lengths, 256, order, 42, 0));
    EXPECT_NE(batches, epoch_batches(lengths, 256, order, 42, 1));
    EXPECT_NE(batches, epoch_batches(lengths, 256, order, 43, 0));
  }
}

TEST(CellOrder, ByLengthBeginsWithTheLongestCellAndKeepsSimilarOnesTogether) {
  std::vector<std::int64_t> lengths(2000);
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = 10 + static_cast<std::int64_t>(i % 100);
  const auto batches = epoch_batches(lengths, 1000, CellOrder::kByLength, 42, 0);
  EXPECT_EQ(lengths[static_cast<std::size_t>(batches.front().front())], 109);
  int mixed = 0;
  for (const auto& batch : batches) {
    std::int64_t least = 1000;
    std::int64_t most = 0;
    for (const std::int64_t cell : batch) {
      least = std::min(least, lengths[static_cast<std::size_t>(cell)]);
      most = std::max(most, lengths[static_cast<std::size_t>(cell)]);
    }
    mixed += most - least > 20 ? 1 : 0;
  }
  EXPECT_LE(mixed, 5);  // only where two mega-batches meet
}

TEST(CellOrder, SplitsOffAFixedShare) {
  const CellSplit split = split_cells(1000, 0.2, 42);
  EXPECT_EQ(split.validation.size(), 200U);
  EXPECT_EQ(split.training.size(), 800U);
  std::set<std::int64_t> all(split.training.begin(), split.training.end());
  all.insert(split.validation.begin(), split.validation.end());
  EXPECT_EQ(all.size(), 1000U);
  EXPECT_EQ(split.validation, split_cells(1000, 0.2, 42).validation);
  EXPECT_NE(split.validation, split_cells(1000, 0.2, 7).validation);
  EXPECT_TRUE(split_cells(10, 0.0, 42).validation.empty());
}

TEST(Presets, HaveThePublishedSizes) {
  const auto small = preset_of("v1-10m");
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(small->config.hidden, 256);
  EXPECT_EQ(small->config.layers, 6);
  EXPECT_EQ(small->warmup_steps, 10000);
  const auto large = preset_of("v2-316m");
  ASSERT_TRUE(large.ok());
  EXPECT_EQ(large->config.heads * 64, large->config.hidden);
  const auto demo = preset_of("demo");
  ASSERT_TRUE(demo.ok());
  EXPECT_EQ(demo->config.heads, 2);
  EXPECT_EQ(demo->config.ffn, 128);
  EXPECT_EQ(demo->config.vocab_size, 0);
  const auto unknown = preset_of("v3");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().id, "E-TRN-009");
}

TEST(Random, NormalNumbersHaveMeanZeroAndVarianceOne) {
  KeyedRandom random(42, RandomUse::kWeights, {1});
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 40000; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 40000, 0.0, 0.015);
  EXPECT_NEAR(squares / 40000, 1.0, 0.03);
}

std::vector<const TrainKernels*> usable_kernels() {
  std::vector<const TrainKernels*> sets{&kernels_generic()};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(&kernels_avx2());
  if (train_kernels().name == std::string("avx512")) sets.push_back(&kernels_avx512());
  return sets;
}

std::vector<float> noise(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  KeyedRandom random(seed, RandomUse::kWeights, {count});
  for (float& x : values) x = static_cast<float>(random.normal());
  return values;
}

TEST(Kernels, MultiplyInAnyLayoutOnEveryInstructionSet) {
  constexpr std::int64_t kRows = 101;
  constexpr std::int64_t kColumns = 301;
  constexpr std::int64_t kInner = 517;
  const auto a = noise(kRows * kInner, 1);
  const auto b = noise(kInner * kColumns, 2);
  for (const TrainKernels* set : usable_kernels()) {
    for (const bool a_transposed : {false, true}) {
      for (const bool b_transposed : {false, true}) {
        std::vector<float> c(kRows * kColumns, 1.0F);
        ProductBlock block;
        block.a = a_transposed ? Operand{a.data(), 1, kRows} : Operand{a.data(), kInner, 1};
        block.b = b_transposed ? Operand{b.data(), 1, kInner} : Operand{b.data(), kColumns, 1};
        block.c = c.data();
        block.c_stride = kColumns;
        block.rows = kRows;
        block.columns = kColumns;
        block.inner = kInner;
        block.accumulate = true;
        set->product(block, scratch_floats(set->product_scratch));
        double worst = 0.0;
        for (std::int64_t i = 0; i < kRows; ++i) {
          for (std::int64_t j = 0; j < kColumns; ++j) {
            double expected = 1.0;
            for (std::int64_t k = 0; k < kInner; ++k) {
              expected += static_cast<double>(block.a.data[i * block.a.row_stride + k * block.a.column_stride]) *
                          static_cast<double>(block.b.data[k * block.b.row_stride + j * block.b.column_stride]);
            }
            worst = std::max(worst,
                             std::abs(expected - static_cast<double>(c[static_cast<std::size_t>(i * kColumns + j)])));
          }
        }
        EXPECT_LE(worst, 2e-4) << set->name << a_transposed << b_transposed;
      }
    }
  }
}

TEST(Kernels, AttentionGradientsEqualFiniteDifferencesWithDropout) {
  constexpr std::int64_t kLength = 19;
  constexpr std::int64_t kWidth = 16;
  constexpr std::size_t kSize = kLength * kWidth;
  for (const TrainKernels* set : usable_kernels()) {
    std::array<std::vector<float>, 3> input{noise(kSize, 3), noise(kSize, 4), noise(kSize, 5)};
    const auto direction = noise(kSize, 6);
    std::vector<float> output(kSize);
    std::vector<float> sums(kLength);
    const auto head = [&] {
      return AttentionHead{input[0].data(), input[1].data(), input[2].data(), kWidth,
                           kLength,         kWidth,          0.25F,           DropoutRule{99, 0.3F}};
    };
    const auto value = [&] {
      set->attention_forward(head(), output.data(), kWidth, sums.data(),
                             scratch_floats(set->attention_scratch(kLength, kWidth)));
      return std::inner_product(output.begin(), output.end(), direction.begin(), 0.0);
    };
    (void)value();
    std::array<std::vector<float>, 3> gradient{std::vector<float>(kSize), std::vector<float>(kSize),
                                               std::vector<float>(kSize)};
    set->attention_backward(head(),
                            {output.data(), direction.data(), sums.data(), kWidth, gradient[0].data(),
                             gradient[1].data(), gradient[2].data()},
                            scratch_floats(set->attention_scratch(kLength, kWidth)));
    for (std::size_t part = 0; part < 3; ++part) {
      for (std::size_t i = 0; i < kSize; i += 23) {
        const float before = input[part][i];
        input[part][i] = before + 0.01F;
        const double up = value();
        input[part][i] = before - 0.01F;
        const double down = value();
        input[part][i] = before;
        EXPECT_NEAR((up - down) / 0.02, static_cast<double>(gradient[part][i]), 3e-3) << set->name << part;
      }
    }
  }
}

TEST(Kernels, DropoutKeepsTheRightShareAndTheMean) {
  constexpr std::int64_t kWidth = 64;
  constexpr std::int64_t kRows = 500;
  const std::vector<float> ones(kWidth * kRows, 1.0F);
  std::vector<float> first;
  for (const TrainKernels* set : usable_kernels()) {
    NormRows rows;
    rows.width = kWidth;
    rows.num_rows = kRows;
    rows.dropout = {7, 0.2F};
    std::vector<float> y(ones.size());
    set->dropout(rows, ones.data(), y.data());
    const auto zeros = static_cast<double>(std::count(y.begin(), y.end(), 0.0F));
    EXPECT_NEAR(zeros / static_cast<double>(y.size()), 0.2, 0.01) << set->name;
    EXPECT_NEAR(std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size()), 1.0, 0.01);
    if (first.empty()) first = y;
    EXPECT_EQ(first, y) << "the same elements on every instruction set";
  }
}

}  // namespace
}  // namespace cw
