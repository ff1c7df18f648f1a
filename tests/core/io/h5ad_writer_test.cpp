// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_writer.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/io/h5ad_table.h"
#include "core/io/hdf5_array.h"
#include "core/io/hdf5_write.h"
#include "tests/core/io/ingest_facts.h"

#include <cmath>
#include <limits>

namespace cw::test {
namespace {

namespace fs = std::filesystem;

class H5adWriter : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = make_scratch_folder(fs::temp_directory_path());
    ASSERT_TRUE(folder.ok());
    folder_ = *folder;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<DatasetReader> open(const fs::path& path) {
    auto reader = core_registry().open_dataset(path);
    EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().message);
    return reader.ok() ? std::move(reader).value() : nullptr;
  }

  fs::path folder_;
  JobContext ctx_;
};

Column nullable(Column column, std::vector<std::uint8_t> missing) {
  column.missing = std::move(missing);
  return column;
}

H5adContent small_content() {
  H5adContent content;
  content.cells.index_name = "barcode";
  content.cells.index = {"AAA-1", "CCC-1", "GGG-1"};
  Column stage = Column::of_codes("stage", {1, -1, 0}, {"früh", "spät"});
  stage.ordered = true;
  Column flag;
  flag.name = "doublet";
  flag.kind = ColumnKind::kBoolean;
  flag.booleans = {0, 1, 0};
  Column unsure = flag;
  unsure.name = "maybe";
  unsure.missing = {0, 0, 1};
  content.cells.columns = {stage,
                           Column::of_strings("note", {"a,b", "", "\"q\""}),
                           Column::of_integers("n", {1, -2, std::int64_t{1} << 40}),
                           Column::of_reals("score", {0.5, std::nan(""), -1e300}),
                           nullable(Column::of_integers("batch", {1, 2, 3}), {0, 1, 0}),
                           nullable(Column::of_strings("donor", {"x", "y", "x"}), {0, 1, 0}),
                           flag,
                           unsure};
  content.genes.index = {"ENSG1", "ENSG2"};
  content.genes.columns = {Column::of_strings("symbol", {"TP53", "MYC"})};
  content.x = CsrMatrix{3, 2, {0, 1, 1, 3}, {1, 0, 1}, {4, 1, 7}};
  content.layers = {{"scaled", DenseArray{3, 2, {0, 1.5F, -2, 0, 0.25F, 0}}}};
  content.embeddings = {{"X_umap", DenseArray{3, 2, {1, 2, 3, 4, 5, 6}}}};
  content.graphs = {{"connectivities", CsrMatrix{3, 3, {0, 1, 2, 2}, {1, 0}, {0.5F, 0.5F}}}};
  content.uns = Json::parse(R"({"neighbors": {"connectivities_key": "connectivities", "params": {"n_neighbors": 15,
    "method": "umap", "metric": 0.5, "flag": true}}, "colors": ["#fff", "#000"], "list": [1, 2], "reals": [0.5, 1],
    "empty": [], "mixed": [1, "a", null], "nothing": null})");
  return content;
}

void expect_same(const Column& got, const Column& wanted) {
  ASSERT_EQ(got.size(), wanted.size()) << wanted.name;
  for (std::int64_t row = 0; row < got.size(); ++row) {
    EXPECT_EQ(got.is_missing(row), wanted.is_missing(row)) << wanted.name << " " << row;
    EXPECT_EQ(got.text(row), wanted.text(row)) << wanted.name << " " << row;
  }
}

TEST_F(H5adWriter, WritesWhatTheReaderReads) {
  const H5adContent content = small_content();
  const auto path = folder_ / "small.h5ad";
  const auto written = write_h5ad(path, content, false, ctx_);
  ASSERT_TRUE(written.ok()) << written.error().message;
  const auto reader = open(path);
  ASSERT_NE(reader, nullptr);
  EXPECT_TRUE(reader->info().notes.empty());
  EXPECT_EQ(*reader->cell_names(), content.cells.index);
  ASSERT_EQ(reader->info().cell_columns.size(), content.cells.columns.size());
  for (const auto& wanted : content.cells.columns) {
    const auto column = reader->cell_column(wanted.name);
    ASSERT_TRUE(column.ok()) << column.error().message;
    expect_same(*column, wanted);
    const bool becomes_categorical = wanted.name == "donor";  // texts with missing values
    EXPECT_EQ(column->kind, becomes_categorical ? ColumnKind::kCategorical : wanted.kind);
    EXPECT_EQ(column->ordered, wanted.ordered);
  }
  EXPECT_EQ(reader->genes("X")->index, content.genes.index);
  const auto blocks = reader->open_matrix("X");
  CellBlock block;
  ASSERT_TRUE((*blocks)->next(block, 100).ok());
  EXPECT_EQ(block.offsets, (std::vector<std::uint64_t>{0, 1, 1, 3}));
  EXPECT_EQ(block.genes, (std::vector<std::uint32_t>{1, 0, 1}));
  EXPECT_EQ(block.values, (std::vector<float>{4, 1, 7}));
  const auto layer = reader->open_matrix("layer:scaled");
  ASSERT_TRUE((*layer)->next(block, 100).ok());
  EXPECT_EQ(block.values, (std::vector<float>{1.5F, -2, 0.25F}));
  EXPECT_EQ(reader->embedding("X_umap")->values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST_F(H5adWriter, WritesNestedNotes) {
  const auto path = folder_ / "small.h5ad";
  ASSERT_TRUE(write_h5ad(path, small_content(), false, ctx_).ok());
  const auto root = H5Node::open_file(path);
  EXPECT_EQ(read_texts(*root->open("uns/neighbors/params/method"))->front(), "umap");
  EXPECT_EQ(read_numbers<std::int64_t>(*root->open("uns/neighbors/params/n_neighbors"))->front(), 15);
  EXPECT_EQ(*read_texts(*root->open("uns/colors")), (std::vector<std::string>{"#fff", "#000"}));
  EXPECT_EQ(*read_numbers<double>(*root->open("uns/reals")), (std::vector<double>{0.5, 1}));
  EXPECT_EQ(read_texts(*root->open("uns/mixed"))->front(), "[1,\"a\",null]");
  EXPECT_FALSE(root->has("uns/nothing"));
}

TEST_F(H5adWriter, KeepsAnExistingFileUnlessToldOtherwise) {
  const auto path = folder_ / "small.h5ad";
  ASSERT_TRUE(write_h5ad(path, small_content(), false, ctx_).ok());
  EXPECT_EQ(write_h5ad(path, small_content(), false, ctx_).error().id, "E-IO-005");
  EXPECT_TRUE(write_h5ad(path, small_content(), true, ctx_).ok());
}

TEST_F(H5adWriter, RefusesSizesThatDoNotFit) {
  H5adContent content = small_content();
  content.embeddings[0].second.num_rows = 4;
  EXPECT_EQ(write_h5ad(folder_ / "a.h5ad", content, false, ctx_).error().id, "E-H5-014");
  content = small_content();
  content.cells.columns[1].strings.pop_back();
  EXPECT_EQ(write_h5ad(folder_ / "a.h5ad", content, false, ctx_).error().id, "E-H5-014");
  content = small_content();
  std::get<CsrMatrix>(content.x).num_columns = 9;
  EXPECT_EQ(write_h5ad(folder_ / "a.h5ad", content, false, ctx_).error().id, "E-H5-014");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(H5adWriter, LeavesNothingBehindWhenCancelled) {
  ctx_.request_cancel();
  EXPECT_EQ(write_h5ad(folder_ / "a.h5ad", small_content(), false, ctx_).error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(H5adWriter, AddsToACopyAndKeepsEverythingElse) {
  for (const char* const name :
       {"generated/full_slots.h5ad", "generated/legacy_0.7_categories.h5ad", "real/anndata_v0.5.0.h5ad",
        "real/anndata_v0.7.8.h5ad", "generated/nullable_string_array.h5ad"}) {
    SCOPED_TRACE(name);
    const fs::path source = fs::path(CW_TEST_DATA) / "ingest" / name;
    const auto before = sha256_of_path(source);
    const auto original = open(source);
    const std::int64_t cells = original->info().num_cells;
    H5adAdditions additions;
    std::vector<std::int32_t> codes(static_cast<std::size_t>(cells), 0);
    additions.cell_columns = {Column::of_codes("cluster", codes, {"0"}),
                              Column::of_integers("n_genes", std::vector<std::int64_t>(codes.size(), 7))};
    additions.embeddings = {{"X_new", DenseArray{cells, 1, std::vector<float>(codes.size(), 2.0F)}}};
    additions.uns = Json{{"neighbors", {{"params", {{"n_neighbors", 9}}}}}};
    const auto target = folder_ / "copy.h5ad";
    const auto copied = copy_h5ad_with(source, target, additions, true, ctx_);
    ASSERT_TRUE(copied.ok()) << copied.error().message;
    EXPECT_EQ(*sha256_of_path(source), *before);

    const auto copy = open(target);
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(*copy->cell_names(), *original->cell_names());
    EXPECT_EQ(copy->cell_column("cluster")->text(0), "0");
    EXPECT_EQ(copy->cell_column("n_genes")->integers[0], 7);
    for (const auto& column : original->info().cell_columns) {
      if (column.name != "n_genes") expect_same(*copy->cell_column(column.name), *original->cell_column(column.name));
    }
    for (const auto& embedding : original->info().embeddings) {
      EXPECT_EQ(copy->embedding(embedding)->values, original->embedding(embedding)->values) << embedding;
    }
    EXPECT_EQ(copy->embedding("X_new")->values.front(), 2.0F);
    ASSERT_EQ(copy->info().matrices.size(), original->info().matrices.size());
    for (const auto& matrix : original->info().matrices) {
      const auto a = sum_matrix(**original->open_matrix(matrix.where), 64);
      const auto b = sum_matrix(**copy->open_matrix(matrix.where), 64);
      EXPECT_EQ(a.row_sums, b.row_sums) << matrix.where;
      EXPECT_EQ(copy->genes(matrix.where)->index, original->genes(matrix.where)->index);
    }
  }
}

TEST_F(H5adWriter, RefusesAdditionsOfAnotherLength) {
  H5adAdditions additions;
  additions.cell_columns = {Column::of_integers("n", {1, 2})};
  const fs::path source = fs::path(CW_TEST_DATA) / "ingest/generated/full_slots.h5ad";
  EXPECT_EQ(copy_h5ad_with(source, folder_ / "copy.h5ad", additions, false, ctx_).error().id, "E-H5-014");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(H5adWriter, AppendsRowsAndGoesOnAfterReopening) {
  const auto path = folder_ / "rows.h5";
  {
    const auto root = H5Node::create_file(path);
    auto rows = H5Appender::create(*root, "effects/cosine", ScalarKind::kFloat32, {2}, 4);
    ASSERT_TRUE(rows.ok());
    const std::vector<float> values = {1, 2, 3, 4, 5, 6};
    ASSERT_TRUE(rows->append(values.data(), 3).ok());
  }
  {
    const auto root = H5Node::update_file(path);
    auto rows = H5Appender::reopen(*root, "effects/cosine", 2);  // the third row is written again
    ASSERT_TRUE(rows.ok());
    const std::vector<float> values = {7, 8};
    ASSERT_TRUE(rows->append(values.data(), 1).ok());
    EXPECT_EQ(H5Appender::reopen(*root, "effects/cosine", 9).error().id, "E-H5-004");
  }
  const auto root = H5Node::open_file(path);
  EXPECT_EQ(*read_numbers<float>(*root->open("effects/cosine")), (std::vector<float>{1, 2, 3, 4, 7, 8}));
}

}  // namespace
}  // namespace cw::test
