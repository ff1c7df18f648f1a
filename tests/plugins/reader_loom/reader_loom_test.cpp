// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_loom/reader_loom.h"

#include "tests/support/reader_facts.h"
#include "tests/support/scratch_folder.h"

#include <hdf5.h>

namespace cw {
namespace {

const std::filesystem::path kData = std::filesystem::path(CW_TEST_DATA) / "loom";

const ReaderFactory& loom() {
  static const auto plugin = make_reader_loom();
  static const TestHost host(*plugin);
  return *host.readers.front();
}

class LoomFile : public testing::TestWithParam<const char*> {};

TEST_P(LoomFile, holdsWhatH5pyFindsAndStaysUnchanged) {
  const auto facts = read_json(kData / "facts.json");
  ASSERT_TRUE(facts.ok());
  const Json& expected = (*facts)[GetParam()];
  EXPECT_GE(loom().score(kData / GetParam()), 90);
  for (const std::int64_t max_cells : {7, 1000}) {
    const auto reader = loom().open(kData / GetParam());
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    expect_facts(**reader, expected, max_cells);
    EXPECT_EQ((*reader)->info().matrices.front().dtype, expected["dtype"]);
    EXPECT_EQ((*reader)->info().matrices.front().encoding, "dense");
  }
  EXPECT_EQ(*sha256_of_path(kData / GetParam()), expected["sha256"]);
}

TEST_P(LoomFile, hasItsAttributesAsColumns) {
  const auto facts = read_json(kData / "facts.json");
  const Json& expected = (*facts)[GetParam()];
  const auto reader = loom().open(kData / GetParam());
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->info().cell_columns.size(), expected["cell_columns"].size());
  for (const auto& [name, first] : expected["cell_columns"].items()) {
    const auto column = (*reader)->cell_column(name);
    ASSERT_TRUE(column.ok()) << column.error().message;
    EXPECT_EQ(column->size(), (*reader)->info().num_cells);
    for (std::size_t i = 0; i < first.size(); ++i) {
      const std::string text = column->text(static_cast<std::int64_t>(i));
      const std::string wanted = first[i].get<std::string>();
      EXPECT_TRUE(text == wanted || text + ".0" == wanted) << name << ": " << text << " is not " << wanted;
    }
  }
  const auto genes = (*reader)->genes("X");
  ASSERT_TRUE(genes.ok());
  EXPECT_EQ(genes->columns.size(), expected["gene_columns"].size());
  for (const auto& [name, first] : expected["gene_columns"].items()) {
    ASSERT_NE(genes->find(name), nullptr) << name;
    EXPECT_EQ(genes->find(name)->text(0), first[0].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(Files, LoomFile,
                         testing::Values("kang_subset.loom", "loompy_test.loom", "mouseBrain_toy.loom",
                                         "orange_data.loom"),
                         [](const auto& entry) {
                           const std::string name = entry.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(ReaderLoomTest, goesOnAtAnyCell) {
  const auto reader = loom().open(kData / "mouseBrain_toy.loom");
  ASSERT_TRUE(reader.ok());
  expect_seek_works(**reader);
}

TEST(ReaderLoomTest, saysWhenNothingNamesTheCells) {
  const auto reader = loom().open(kData / "orange_data.loom");
  ASSERT_TRUE(reader.ok());
  ASSERT_EQ((*reader)->info().notes.size(), 1U);
  EXPECT_NE((*reader)->info().notes[0].find("cells"), std::string::npos);
}

TEST(ReaderLoomTest, unknownNamesAreNotFound) {
  const auto reader = loom().open(kData / "kang_subset.loom");
  ASSERT_TRUE(reader.ok());
  for (const auto& error : {(*reader)->cell_column("absent").error(), (*reader)->genes("raw").error(),
                            (*reader)->open_matrix("layer:absent").error(), (*reader)->embedding("absent").error()}) {
    EXPECT_EQ(error.id, "E-LOOM-003");
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
  }
  EXPECT_NE((*reader)->cell_column("absent").error().message.find("condition"), std::string::npos);
}

class LoomDamageTest : public ScratchFolderTest {
 protected:
  std::filesystem::path copy() {
    std::filesystem::copy_file(kData / "kang_subset.loom", folder_ / "x.loom");
    return folder_ / "x.loom";
  }
};

// Texts are read beside the library, which undoes the filters alone.
TEST_F(LoomDamageTest, textsOfEveryStorageAreRead) {
  constexpr hsize_t kCells = 69;
  const auto path = copy();
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
  for (hsize_t i = 0; i < kCells; ++i) texts.push_back(i == 5 ? "" : "word " + std::to_string(i * i * i));
  for (const auto& text : texts) pointers.push_back(text.c_str());
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  const hid_t space = H5Screate_simple(1, &kCells, nullptr);
  const auto write = [&](const char* name, hsize_t chunk, bool filters, bool written) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk > 0) H5Pset_chunk(creation, 1, &chunk);
    if (chunk == 0 && filters) H5Pset_layout(creation, H5D_COMPACT);
    if (chunk > 0 && filters) H5Pset_shuffle(creation);  // which is skipped for texts
    if (chunk > 0 && filters) H5Pset_deflate(creation, 4);
    const hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (written) H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data());
    H5Dclose(data);
    H5Pclose(creation);
  };
  write("/col_attrs/gzip", 16, true, true);
  write("/col_attrs/chunks", 16, false, true);
  write("/col_attrs/whole", 0, false, true);
  write("/col_attrs/compact", 0, true, true);
  write("/col_attrs/unwritten", 16, true, false);
  H5Sclose(space);
  H5Tclose(type);
  H5Fclose(file);
  const auto reader = loom().open(path);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  for (const char* name : {"gzip", "chunks", "whole", "compact"}) {
    const auto column = (*reader)->cell_column(name);
    ASSERT_TRUE(column.ok()) << column.error().message;
    EXPECT_EQ(column->strings, texts) << name;
  }
  const auto unwritten = (*reader)->cell_column("unwritten");
  ASSERT_TRUE(unwritten.ok()) << unwritten.error().message;
  EXPECT_EQ(unwritten->strings, std::vector<std::string>(kCells));
}

TEST_F(LoomDamageTest, cutOffFilesAreRefused) {
  const auto path = copy();
  std::filesystem::resize_file(path, 20000);
  EXPECT_EQ(loom().open(path).error().id, "E-LOOM-001");
  EXPECT_GT(loom().score(path), 0);
  std::filesystem::resize_file(path, 3);
  EXPECT_EQ(loom().open(path).error().id, "E-LOOM-001");
  EXPECT_EQ(loom().open(folder_ / "absent.loom").error().code, ErrorCode::kNotFound);
}

TEST_F(LoomDamageTest, missingOrMisfitPartsAreRefused) {
  const auto path = copy();
  const auto unlink = [&](const char* name) {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Fclose(file);
  };
  const auto add = [&](const char* name, hsize_t rows) {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &rows, nullptr);
    H5Dclose(H5Dcreate2(file, name, H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Fclose(file);
  };
  add("/col_attrs/short", 68);
  EXPECT_EQ(loom().open(path).error().id, "E-LOOM-004");
  unlink("/col_attrs/short");
  ASSERT_TRUE(loom().open(path).ok());
  unlink("/row_attrs");
  EXPECT_EQ(loom().open(path).error().id, "E-LOOM-002");
  unlink("/matrix");
  add("/matrix", 5);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, "/row_attrs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  EXPECT_EQ(loom().open(path).error().id, "E-LOOM-001");
}

}  // namespace
}  // namespace cw
