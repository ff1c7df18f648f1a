// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gene_index.h"

#include "core/base/files.h"
#include "core/io/h5ad_writer.h"
#include "tests/core/io/ingest_facts.h"

#include <random>

namespace cw::test {
namespace {

namespace fs = std::filesystem;

class GeneIndexTest : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = make_scratch_folder(fs::temp_directory_path());
    ASSERT_TRUE(folder.ok());
    folder_ = *folder;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A file of `cells` x 50 genes whose counts are known; the first two genes count as mitochondrial.
  void write_file(std::int64_t cells, float scale) {
    H5adContent content;
    std::mt19937 random(7);
    CsrMatrix matrix{cells, kGenes, {0}, {}, {}};
    for (std::int64_t cell = 0; cell < cells; ++cell) {
      content.cells.index.push_back("cell" + std::to_string(cell));
      for (std::uint32_t gene = 0; gene < kGenes; ++gene) {
        if (random() % 4 != 0) continue;
        matrix.columns.push_back(gene);
        matrix.values.push_back(static_cast<float>(1 + random() % 300) * scale);
      }
      matrix.offsets.push_back(matrix.values.size());
    }
    for (std::uint32_t gene = 0; gene < kGenes; ++gene) content.genes.index.push_back("g" + std::to_string(gene));
    matrix_ = matrix;
    content.x = std::move(matrix);
    ASSERT_TRUE(write_h5ad(folder_ / "data.h5ad", content, true, ctx_).ok());
  }

  Result<std::shared_ptr<const GeneIndex>> build(int* steps = nullptr) {
    std::vector<std::uint8_t> mitochondrial(kGenes, 0);
    mitochondrial[0] = mitochondrial[1] = 1;
    CW_ASSIGN(auto reader, core_registry().open_dataset(folder_ / "data.h5ad"));
    CW_ASSIGN(auto builder,
              GeneIndexBuilder::create(std::move(reader), "X", mitochondrial, folder_ / "data.genes", "data 1"));
    for (;;) {
      CW_ASSIGN(const bool complete, builder->step(0.0, ctx_));
      if (steps) ++*steps;
      if (complete) break;
      EXPECT_FALSE(fs::exists(folder_ / "data.genes")) << "appears before it is complete";
    }
    EXPECT_EQ(builder->fraction(), 1.0);
    return GeneIndex::open(folder_ / "data.genes", "data 1");
  }

  void expect_right(const GeneIndex& index) {
    std::vector<std::vector<float>> wanted(kGenes,
                                           std::vector<float>(static_cast<std::size_t>(matrix_.num_rows), 0.0F));
    for (std::size_t cell = 0; cell + 1 < matrix_.offsets.size(); ++cell) {
      double total = 0.0;
      double mitochondrial = 0.0;
      for (auto i = matrix_.offsets[cell]; i < matrix_.offsets[cell + 1]; ++i) {
        wanted[matrix_.columns[i]][cell] = matrix_.values[i];
        total += matrix_.values[i];
        if (matrix_.columns[i] < 2) mitochondrial += matrix_.values[i];
      }
      ASSERT_FLOAT_EQ(index.sums().totals[cell], static_cast<float>(total));
      ASSERT_FLOAT_EQ(index.sums().mitochondrial[cell], total > 0.0 ? static_cast<float>(mitochondrial / total) : 0.0F);
      ASSERT_EQ(index.sums().detected[cell], matrix_.offsets[cell + 1] - matrix_.offsets[cell]);
    }
    for (std::int64_t gene = 0; gene < kGenes; ++gene) {
      const auto counts = index.counts(gene);
      ASSERT_TRUE(counts.ok());
      ASSERT_EQ(*counts, wanted[static_cast<std::size_t>(gene)]) << gene;
    }
  }

  static constexpr std::uint32_t kGenes = 50;
  fs::path folder_;
  CsrMatrix matrix_;
  JobContext ctx_;
};

TEST_F(GeneIndexTest, ReadsEveryGeneOfWholeCountsAcrossBlocks) {
  write_file(70'000, 1.0F);  // more than one block of 65,536 cells
  int steps = 0;
  const auto index = build(&steps);
  ASSERT_TRUE(index.ok()) << index.error().message;
  EXPECT_GT(steps, 100);
  expect_right(**index);
  EXPECT_EQ((*index)->counts(50).error().id, "E-IDX-003");
}

TEST_F(GeneIndexTest, KeepsFractionsExactly) {
  write_file(300, 0.125F);
  const auto index = build();
  ASSERT_TRUE(index.ok()) << index.error().message;
  expect_right(**index);
}

TEST_F(GeneIndexTest, RefusesOtherDataAndDamage) {
  write_file(100, 1.0F);
  ASSERT_TRUE(build().ok());
  const fs::path path = folder_ / "data.genes";
  EXPECT_EQ(GeneIndex::open(path, "data 2").error().id, "E-IDX-002");
  const auto content = read_file(path);
  ASSERT_TRUE(content.ok());
  ASSERT_TRUE(write_file_atomically(path, content->substr(0, content->size() - 100)).ok());
  EXPECT_EQ(GeneIndex::open(path, "data 1").error().id, "E-IDX-001");
  // any byte may be wrong: reading gives numbers or an error, never a crash
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string broken = *content;
    for (int k = 0; k < 4; ++k)
      broken[random() % 400 + (i % 2 == 0 ? 0 : broken.size() - 400)] ^= char(1 + random() % 255);
    std::ofstream(path, std::ios::binary) << broken;
    const auto index = GeneIndex::open(path, "data 1");
    if (!index.ok()) continue;
    for (std::int64_t gene = 0; gene < (*index)->num_genes(); ++gene) (void)(*index)->counts(gene);
  }
}

TEST_F(GeneIndexTest, LeavesNothingBehindWhenItIsCancelled) {
  write_file(2000, 1.0F);
  {
    auto reader = core_registry().open_dataset(folder_ / "data.h5ad");
    ASSERT_TRUE(reader.ok());
    auto builder = GeneIndexBuilder::create(std::move(reader).value(), "X", std::vector<std::uint8_t>(kGenes, 0),
                                            folder_ / "data.genes", "data 1");
    ASSERT_TRUE(builder.ok());
    ASSERT_TRUE((*builder)->step(0.0, ctx_).ok());
    ctx_.request_cancel();
    EXPECT_EQ((*builder)->step(0.0, ctx_).error().code, ErrorCode::kCancelled);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace cw::test
