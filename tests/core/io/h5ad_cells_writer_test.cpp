// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_cells_writer.h"

#include "core/base/files.h"
#include "tests/core/io/ingest_facts.h"

namespace cw::test {
namespace {

namespace fs = std::filesystem;

class H5adCellsWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = make_scratch_folder(fs::temp_directory_path());
    ASSERT_TRUE(folder.ok());
    folder_ = *folder;
    H5adContent content;
    content.cells.index = {"A", "B", "C"};
    content.genes.index = {"g0", "g1", "g2"};
    content.x = CsrMatrix{3, 3, {0, 2, 3, 5}, {0, 2, 1, 0, 1}, {1, 2, 3, 4, 5}};
    ASSERT_TRUE(write_h5ad(folder_ / "one.h5ad", content, false, ctx_).ok());
    content.cells.index = {"D", "E"};
    content.genes.index = {"g2", "gX", "g0"};
    content.x = CsrMatrix{2, 3, {0, 2, 3}, {0, 1, 2}, {7, 8, 9}};
    ASSERT_TRUE(write_h5ad(folder_ / "two.h5ad", content, false, ctx_).ok());
  }
  void TearDown() override { fs::remove_all(folder_); }

  CellsSource source(const char* name) {
    CellsSource one;
    auto reader = core_registry().open_dataset(folder_ / name);
    EXPECT_TRUE(reader.ok());
    one.reader = std::move(reader).value();
    one.where = "X";
    return one;
  }

  Result<> write(const H5adContent& content, std::vector<CellsSource> sources) {
    CW_ASSIGN(auto writer, H5adCellsWriter::create(folder_ / "new.h5ad", content, std::move(sources), true, ctx_));
    for (;;) {
      CW_ASSIGN(const bool complete, writer->step(0.0, ctx_));
      if (complete) return {};
      EXPECT_FALSE(fs::exists(folder_ / "new.h5ad"));
    }
  }

  // All values, row by row: "0:1 2:2" and so on.
  std::vector<std::string> rows() {
    std::vector<std::string> rows;
    auto reader = core_registry().open_dataset(folder_ / "new.h5ad");
    EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().message);
    auto matrix = (*reader)->open_matrix("X");
    EXPECT_TRUE(matrix.ok());
    CellBlock block;
    const auto read = (*matrix)->next(block, 100);
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
    for (std::int64_t row = 0; row < block.num_cells(); ++row) {
      std::string text;
      for (std::size_t i = 0; i < block.genes_of(row).size(); ++i) {
        text += std::to_string(block.genes_of(row)[i]) + ":" +
                std::to_string(static_cast<int>(block.values_of(row)[i])) + " ";
      }
      rows.push_back(text);
    }
    return rows;
  }

  fs::path folder_;
  JobContext ctx_;
};

TEST_F(H5adCellsWriterTest, WritesASubsetWithItsLabelsAndMaps) {
  H5adContent content;
  content.cells.index = {"A", "C"};
  content.cells.columns = {Column::of_codes("type", {0, 1}, {"x", "y"})};
  content.genes.index = {"g0", "g1", "g2"};
  content.embeddings = {{"X_umap", DenseArray{2, 2, {1, 2, 3, 4}}}};
  std::vector<CellsSource> sources;
  sources.push_back(source("one.h5ad"));
  sources[0].keep = {1, 0, 1};
  const auto written = write(content, std::move(sources));
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(rows(), (std::vector<std::string>{"0:1 2:2 ", "0:4 1:5 "}));
  auto reader = core_registry().open_dataset(folder_ / "new.h5ad");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->cell_names().value(), content.cells.index);
  EXPECT_EQ((*reader)->cell_column("type")->text(1), "y");
  EXPECT_EQ((*reader)->embedding("X_umap")->values, content.embeddings[0].second.values);
}

TEST_F(H5adCellsWriterTest, MergesFilesByTheirCommonGenes) {
  H5adContent content;
  content.cells.index = {"A", "B", "C", "D", "E"};
  content.genes.index = {"g0", "g2"};
  std::vector<CellsSource> sources;
  sources.push_back(source("one.h5ad"));
  sources.push_back(source("two.h5ad"));
  sources[0].gene_from = {0, -1, 1};
  sources[1].gene_from = {1, -1, 0};
  ASSERT_TRUE(write(content, std::move(sources)).ok());
  EXPECT_EQ(rows(), (std::vector<std::string>{"0:1 1:2 ", "", "0:4 ", "1:7 ", "0:9 "}));
}

TEST_F(H5adCellsWriterTest, SumsGenesThatBecomeOne) {
  H5adContent content;
  content.cells.index = {"A", "B", "C"};
  content.genes.index = {"g"};
  std::vector<CellsSource> sources;
  sources.push_back(source("one.h5ad"));
  sources[0].gene_from = {0, 0, 0};
  ASSERT_TRUE(write(content, std::move(sources)).ok());
  EXPECT_EQ(rows(), (std::vector<std::string>{"0:3 ", "0:3 ", "0:9 "}));
}

TEST_F(H5adCellsWriterTest, RefusesATableOfAnotherLengthAndExistingFiles) {
  H5adContent content;
  content.cells.index = {"A"};
  content.genes.index = {"g0", "g1", "g2"};
  std::vector<CellsSource> sources;
  sources.push_back(source("one.h5ad"));
  EXPECT_EQ(write(content, std::move(sources)).error().id, "E-H5-014");
  std::vector<CellsSource> again;
  again.push_back(source("one.h5ad"));
  again[0].keep = {1, 0, 0};
  EXPECT_EQ(H5adCellsWriter::create(folder_ / "two.h5ad", content, std::move(again), false, ctx_).error().id,
            "E-IO-005");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 2);
}

}  // namespace
}  // namespace cw::test
