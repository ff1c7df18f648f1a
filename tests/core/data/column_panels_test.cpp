// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/column_panels.h"

#include <gtest/gtest.h>

#include <random>

namespace cw::test {
namespace {

struct Entry {
  std::uint32_t gene, cell;
  float value;
};

// Genes in order, cells of a gene in any order, as files may hold them.
class MemoryColumns : public ColumnSource {
 public:
  MemoryColumns(std::int64_t num_cells, std::vector<Entry> entries, int* passes)
      : num_cells_(num_cells), entries_(std::move(entries)), passes_(passes) {}
  [[nodiscard]] std::int64_t num_cells() const override { return num_cells_; }
  Result<> visit(const Visit& visit) override {
    ++*passes_;
    for (const auto& entry : entries_) visit(entry.gene, {&entry.cell, 1}, {&entry.value, 1});
    return {};
  }

 private:
  std::int64_t num_cells_;
  std::vector<Entry> entries_;
  int* passes_;
};

constexpr std::int64_t kCells = 50;
constexpr std::uint32_t kGenes = 20;

std::vector<Entry> random_entries() {
  std::mt19937 random(7);
  std::vector<Entry> entries;
  for (std::uint32_t gene = 0; gene < kGenes; ++gene) {
    for (std::uint32_t i = 0; i < kCells; ++i) {
      const std::uint32_t cell = (i * 7 + 3) % kCells;
      if (random() % 3 == 0) entries.push_back({gene, cell, static_cast<float>(random() % 4)});  // some stored zeros
    }
  }
  return entries;
}

TEST(ColumnPanels, GiveTheSameCellsWhateverTheMemory) {
  const auto entries = random_entries();
  std::vector<std::vector<float>> wanted(kCells, std::vector<float>(kGenes, 0));
  std::size_t num_values = 0;
  for (const auto& entry : entries) {
    wanted[entry.cell][entry.gene] = entry.value;
    num_values += entry.value != 0 ? 1 : 0;
  }
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{200}, std::size_t{1000}, std::size_t{1} << 20U}) {
    for (const std::int64_t block_cells : {std::int64_t{1}, std::int64_t{7}, std::int64_t{1000}}) {
      int passes = 0;
      const auto reader = read_by_panels(std::make_unique<MemoryColumns>(kCells, entries, &passes), bytes);
      CellBlock block;
      std::int64_t cells = 0;
      std::size_t values = 0;
      for (;;) {
        ASSERT_TRUE(reader->next(block, block_cells).ok());
        if (block.num_cells() == 0) break;
        ASSERT_EQ(block.first_cell, cells);
        for (std::int64_t row = 0; row < block.num_cells(); ++row, ++cells) {
          for (std::size_t i = 0; i < block.genes_of(row).size(); ++i, ++values) {
            EXPECT_EQ(block.values_of(row)[i], wanted[static_cast<std::size_t>(cells)][block.genes_of(row)[i]]);
          }
        }
      }
      EXPECT_EQ(cells, kCells);
      EXPECT_EQ(values, num_values);
      // one for the first cells, one to count, one to collect or to sort: however many panels there are
      EXPECT_LE(passes, 3);
      if (bytes > num_values * 16 && block_cells >= kCells) {
        EXPECT_EQ(passes, 1);  // the first cells are all
      }
    }
  }
}

TEST(ColumnPanels, SeekToAnyCell) {
  int passes = 0;
  const auto reader = read_by_panels(std::make_unique<MemoryColumns>(kCells, random_entries(), &passes), 400);
  CellBlock first, again;
  ASSERT_TRUE(reader->seek(30).ok());
  ASSERT_TRUE(reader->next(first, 1).ok());
  EXPECT_EQ(first.first_cell, 30);
  ASSERT_TRUE(reader->seek(2).ok());
  ASSERT_TRUE(reader->next(again, 1).ok());
  EXPECT_EQ(again.first_cell, 2);
  ASSERT_TRUE(reader->seek(30).ok());
  ASSERT_TRUE(reader->next(again, 1).ok());
  EXPECT_EQ(again.genes, first.genes);
  EXPECT_EQ(again.values, first.values);
  ASSERT_TRUE(reader->seek(kCells).ok());
  ASSERT_TRUE(reader->next(again, 1).ok());
  EXPECT_EQ(again.num_cells(), 0);
}

}  // namespace
}  // namespace cw::test
