// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/gene_effect_table.h"

#include "core/base/files.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cw {
namespace {

class GeneEffectTableTest : public testing::Test {
 protected:
  void SetUp() override { folder_ = *make_scratch_folder(std::filesystem::temp_directory_path()); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// 7 perturbations by 5 genes in block `block`, one of them missing.
  static std::vector<GeneCosine> values_of(std::int64_t block) {
    std::vector<GeneCosine> values;
    for (std::int32_t p = 0; p < 7; ++p) {
      for (std::int32_t g = 100; g < 105; ++g) {
        if ((block + p + g) % 3 == 0) continue;
        values.push_back({p, g, 1.0F - 0.001F * static_cast<float>(block + p * 10 + g % 10)});
      }
    }
    return values;
  }

  std::filesystem::path folder_;
};

/// The parts of a table put together; none may be larger than asked.
GeneEffects all_of(GeneEffectTable& table, std::int64_t most = 3) {
  GeneEffects all;
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  const auto read = table.summarise(
      [&](const GeneEffects& part) -> Result<> {
        EXPECT_LE(part.size(), most);
        append(all.perturbation, part.perturbation);
        append(all.affected, part.affected);
        append(all.mean, part.mean);
        append(all.sd, part.sd);
        append(all.n, part.n);
        return {};
      },
      most);
  EXPECT_TRUE(read.ok());
  return all;
}

bool same(const GeneEffects& a, const GeneEffects& b) {
  return a.perturbation == b.perturbation && a.affected == b.affected && a.mean == b.mean && a.sd == b.sd && a.n == b.n;
}

TEST_F(GeneEffectTableTest, meanAndDeviationOverCellsAreExact) {
  auto table = GeneEffectTable::open(folder_, 0);
  const std::vector<float> cosines = {0.9F, 0.99F, 0.999F, 1.0F};
  for (std::int64_t block = 0; block < 4; ++block) {
    const GeneCosine value{3, 11, cosines[static_cast<std::size_t>(block)]};
    ASSERT_TRUE(table->append(block, {&value, 1}).ok());
  }
  const GeneEffects effects = all_of(*table);
  ASSERT_EQ(effects.size(), 1);
  double mean = 0;
  double square = 0;
  for (const float c : cosines) mean += static_cast<double>(c) / 4;
  for (const float c : cosines) square += (static_cast<double>(c) - mean) * (static_cast<double>(c) - mean) / 4;
  EXPECT_NEAR(effects.mean[0], mean, 1e-7);
  EXPECT_NEAR(effects.sd[0], std::sqrt(square), 1e-7);
  EXPECT_EQ(effects.n[0], 4);
}

TEST_F(GeneEffectTableTest, memoryLimitAndInterruptionsDoNotChangeABit) {
  GeneEffects expected;
  {
    auto table = GeneEffectTable::open(folder_, 0);
    for (std::int64_t block = 0; block < 9; ++block) ASSERT_TRUE(table->append(block, values_of(block)).ok());
    expected = all_of(*table);
    EXPECT_EQ(expected.size(), 35);
    table->remove_files();
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
  }
  for (const std::int64_t limit : {1, 40, 1000}) {
    std::int64_t written = 0;
    while (written < 9) {
      auto table = GeneEffectTable::open(folder_, written, limit);
      ASSERT_TRUE(table.ok()) << table.error().message;
      for (int i = 0; i < 3; ++i, ++written) ASSERT_TRUE(table->append(written, values_of(written)).ok());
      // killed after the values of one more block, before its rows were written
      if (written == 9) break;
      ASSERT_TRUE(table->append(written, values_of(77)).ok());
    }
    auto table = GeneEffectTable::open(folder_, written, limit);
    EXPECT_TRUE(same(all_of(*table), expected)) << limit;
    table->remove_files();
  }
}

TEST_F(GeneEffectTableTest, valuesThatAreMissingAreNotPassedOver) {
  { auto table = GeneEffectTable::open(folder_, 0); }
  EXPECT_EQ(GeneEffectTable::open(folder_, 2).error().id, "E-EFF-002");
}

}  // namespace
}  // namespace cw
