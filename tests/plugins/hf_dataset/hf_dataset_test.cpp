// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/hf_dataset.h"

#include "core/base/files.h"
#include "plugins/hf_dataset/hf_writer.h"
#include "tests/support/reader_facts.h"
#include "tests/support/scratch_folder.h"

#include <cmath>
#include <limits>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "hf_dataset";

const TestHost& host() {
  static const auto plugin = make_hf_dataset();
  static const TestHost host(*plugin);
  return host;
}

Result<std::unique_ptr<TokenReader>> open(const std::filesystem::path& path) {
  return host().token_readers.front()->open(path);
}

Result<std::vector<std::vector<std::int32_t>>> read_tokens(TokenReader& reader, std::int64_t max_cells) {
  std::vector<std::vector<std::int32_t>> cells;
  TokenBlock block;
  for (;;) {
    CW_TRY(reader.next(block, max_cells));
    if (block.num_cells() == 0) return cells;
    EXPECT_EQ(block.first_cell, static_cast<std::int64_t>(cells.size()));
    EXPECT_LE(block.num_cells(), max_cells);
    for (std::int64_t i = 0; i < block.num_cells(); ++i) {
      const auto tokens = block.tokens_of(i);
      cells.emplace_back(tokens.begin(), tokens.end());
    }
  }
}

std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string lower(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

class HfFolder : public testing::TestWithParam<const char*> {};

// conformance: token lists and metadata as the datasets library and pyarrow wrote them
TEST_P(HfFolder, holdsWhatWasWritten) {
  const auto facts = read_json(kGolden / "expected.json");
  ASSERT_TRUE(facts.ok());
  const Json& expected = (*facts)[GetParam()];
  const std::string before = *sha256_of_path(kGolden / GetParam());
  EXPECT_EQ(host().token_readers.front()->score(kGolden / GetParam()), 100);
  for (const std::int64_t max_cells : {1, 5, 1000}) {
    const auto reader = open(kGolden / GetParam());
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_EQ((*reader)->info().num_cells, static_cast<std::int64_t>(expected["cells"].size()));
    const auto cells = read_tokens(**reader, max_cells);
    ASSERT_TRUE(cells.ok()) << cells.error().message;
    EXPECT_EQ(*cells, expected["cells"].get<std::vector<std::vector<std::int32_t>>>());
    const auto table = (*reader)->cells();
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->num_rows(), (*reader)->info().num_cells);
    EXPECT_EQ(table->find("input_ids"), nullptr);
    EXPECT_EQ(table->find("length"), nullptr);
    for (const auto& [name, values] : expected["columns"].items()) {
      const Column* column = table->find(name);
      ASSERT_NE(column, nullptr) << name;
      ASSERT_EQ(column->size(), table->num_rows());
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i);
        EXPECT_EQ(lower(column->text(row)), lower(text_of(values[i]))) << name << " row " << i;
        EXPECT_EQ(column->is_missing(row), values[i].is_null()) << name << " row " << i;
      }
    }
  }
  EXPECT_EQ(*sha256_of_path(kGolden / GetParam()), before);
}

INSTANTIATE_TEST_SUITE_P(Folders, HfFolder,
                         testing::Values("int16.dataset", "int64_three_shards.dataset", "large_list.dataset",
                                         "dictionary.dataset", "dictionary_delta.dataset",
                                         "dictionary_replaced.dataset", "lz4.dataset", "zstd.dataset",
                                         "indices.dataset", "file_form.dataset"),
                         [](const auto& entry) {
                           const std::string name = entry.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(HfDatasetTest, knowsKindsNamesAndMissingValues) {
  const auto reader = open(kGolden / "int16.dataset");
  ASSERT_TRUE(reader.ok());
  const auto table = (*reader)->cells();
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->find("donor")->kind, ColumnKind::kCategorical);
  EXPECT_EQ(table->find("donor")->categories, (std::vector<std::string>{"d0", "d1", "d2"}));
  EXPECT_EQ(table->find("flag")->kind, ColumnKind::kBoolean);
  EXPECT_TRUE(std::isnan(table->find("score")->reals[2]));
  EXPECT_FLOAT_EQ(static_cast<float>(table->find("score")->reals[3]), 3.0F / 7);
  EXPECT_EQ(table->index[3], "3");
  const auto named = (*open(kGolden / "dictionary.dataset"))->cells();
  EXPECT_EQ(named->index_name, kCellNameColumn);
  EXPECT_EQ(named->index[11], "cell11");
}

TEST(HfDatasetTest, saysWhatItLeavesOut) {
  const auto reader = open(kGolden / "large_list.dataset");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->info().notes.size(), 3U);
  const auto indexed = open(kGolden / "indices.dataset");
  EXPECT_NE((*indexed)->info().notes.at(0).find("indices.arrow"), std::string::npos);
}

struct Refused {
  const char* folder;
  const char* id;
  const char* says;
};
class RefusedFolder : public testing::TestWithParam<Refused> {};

TEST_P(RefusedFolder, isRefusedWithItsReason) {
  const auto [folder, id, says] = GetParam();
  const auto reader = open(kGolden / folder);
  const auto cells = reader.ok() ? read_tokens(**reader, 10) : reader.error();
  ASSERT_FALSE(cells.ok());
  EXPECT_EQ(cells.error().id, id) << cells.error().message;
  EXPECT_NE(cells.error().message.find(says), std::string::npos) << cells.error().message;
}

INSTANTIATE_TEST_SUITE_P(Folders, RefusedFolder,
                         testing::Values(Refused{"bad_no_tokens.dataset", "E-HF-004", "input_ids"},
                                         Refused{"bad_float_tokens.dataset", "E-HF-004", "whole numbers"},
                                         Refused{"bad_negative.dataset", "E-HF-006", "-2"},
                                         Refused{"bad_large.dataset", "E-HF-006", "1099511627776"},
                                         Refused{"bad_null_token.dataset", "E-HF-006", "null"},
                                         Refused{"bad_null_list.dataset", "E-HF-006", "row 1"},
                                         Refused{"bad_length.dataset", "E-HF-006", "3"}),
                         [](const auto& entry) {
                           const std::string name = entry.param.folder;
                           return name.substr(0, name.find('.'));
                         });

class HfFolderDamage : public ScratchFolderTest {
 protected:
  std::filesystem::path copy(const char* name) {
    std::filesystem::copy(kGolden / name, folder_ / name);
    return folder_ / name;
  }
};

TEST_F(HfFolderDamage, foldersWithoutTheirFilesAreRefused) {
  EXPECT_EQ(open(folder_ / "absent").error().id, "E-HF-003");
  EXPECT_EQ(open(folder_).error().id, "E-HF-003");
  const auto folder = copy("int16.dataset");
  ASSERT_TRUE(write_file_atomically(folder / "state.json", R"({"_data_files":[{"filename":"../x.arrow"}]})").ok());
  EXPECT_EQ(open(folder).error().id, "E-HF-003");
  ASSERT_TRUE(write_file_atomically(folder / "state.json", R"({"_data_files":[{"filename":"x.arrow"}]})").ok());
  EXPECT_EQ(open(folder).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(write_file_atomically(folder / "state.json", "[]").ok());
  EXPECT_EQ(open(folder).error().id, "E-HF-003");
  ASSERT_TRUE(write_file_atomically(folder / "dataset_dict.json", "{}").ok());
  EXPECT_EQ(open(folder).error().code, ErrorCode::kUnsupported);
}

TEST_F(HfFolderDamage, shardsThatDifferAreRefused) {
  const auto folder = copy("int16.dataset");
  std::filesystem::copy_file(kGolden / "dictionary.dataset" / "data-00000-of-00001.arrow", folder / "other.arrow");
  ASSERT_TRUE(
      write_file_atomically(folder / "state.json",
                            R"({"_data_files":[{"filename":"data-00000-of-00001.arrow"},{"filename":"other.arrow"}]})")
          .ok());
  EXPECT_EQ(open(folder).error().id, "E-HF-005");
}

TEST_F(HfFolderDamage, cutOffShardsAreRefused) {
  const auto folder = copy("int16.dataset");
  const auto shard = folder / "data-00000-of-00001.arrow";
  for (const std::uintmax_t size :
       {std::filesystem::file_size(shard) - 20, std::uintmax_t{700}, std::uintmax_t{5}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(shard, size);
    EXPECT_EQ(open(folder).error().id, "E-HF-001") << size;
  }
}

class HfWriterTest : public ScratchFolderTest {
 protected:
  static Table table_of(std::int64_t rows) {
    Table table;
    for (std::int64_t i = 0; i < rows; ++i) table.index.push_back("c" + std::to_string(i));
    std::vector<std::int64_t> integers(static_cast<std::size_t>(rows));
    std::vector<double> reals(integers.size(), 0.25);
    std::vector<std::int32_t> codes(integers.size());
    for (std::size_t i = 0; i < integers.size(); ++i) {
      integers[i] = static_cast<std::int64_t>(i) - 3;
      codes[i] = static_cast<std::int32_t>(i % 3) - 1;
    }
    if (rows > 1) reals[1] = std::numeric_limits<double>::quiet_NaN();
    table.columns.push_back(Column::of_integers("n", integers));
    table.columns.push_back(Column::of_reals("score", reals));
    table.columns.push_back(Column::of_codes("type", codes, {"B", "\xc3\xa4"}));
    Column flag;
    flag.name = "flag";
    flag.kind = ColumnKind::kBoolean;
    for (std::int64_t i = 0; i < rows; ++i) flag.booleans.push_back(i % 4 == 0 ? 1 : 0);
    table.columns.push_back(flag);
    table.columns.push_back(Column::of_integers("length", integers));  // ours is written, not this one
    return table;
  }
  static TokenBlock block_of(std::int64_t first, std::int64_t rows) {
    TokenBlock block;
    block.clear(first);
    for (std::int64_t i = first; i < first + rows; ++i) {
      block.append_cell(std::vector<std::int32_t>(static_cast<std::size_t>(i % 5), static_cast<std::int32_t>(i)));
    }
    return block;
  }
  Result<> write(const char* name, std::int64_t rows, std::int64_t step, std::uint64_t shard_bytes) {
    CW_ASSIGN(const auto writer, HfWriter::create(folder_ / name, table_of(rows), false, shard_bytes));
    for (std::int64_t first = 0; first < rows; first += step) {
      CW_TRY(writer->append(block_of(first, std::min(step, rows - first))));
    }
    return writer->finish();
  }
};

TEST_F(HfWriterTest, whatIsWrittenIsRead) {
  for (const auto& [name, rows, step, shard_bytes] :
       {std::tuple{"one", 2500, 700, 500'000'000}, {"shards", 2500, 700, 30'000}, {"empty", 0, 1, 1000}}) {
    const auto written = write(name, rows, step, static_cast<std::uint64_t>(shard_bytes));
    ASSERT_TRUE(written.ok()) << written.error().message;
    const auto reader = open(folder_ / name);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_EQ((*reader)->info().num_cells, rows);
    const auto cells = read_tokens(**reader, 333);
    ASSERT_TRUE(cells.ok()) << cells.error().message;
    for (std::int64_t i = 0; i < rows; ++i) {
      ASSERT_EQ((*cells)[static_cast<std::size_t>(i)],
                std::vector<std::int32_t>(static_cast<std::size_t>(i % 5), static_cast<std::int32_t>(i)));
    }
    const Table expected = table_of(rows);
    const auto table = (*reader)->cells();
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->index, expected.index);
    EXPECT_EQ(table->columns.size(), 4U);
    for (const auto& column : table->columns) {
      for (std::int64_t i = 0; i < rows; ++i) {
        ASSERT_EQ(column.text(i), expected.find(column.name)->text(i)) << column.name << " row " << i;
      }
    }
  }
  EXPECT_TRUE(std::filesystem::exists(folder_ / "shards" / "data-00001-of-00004.arrow"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "one"), {}), 4);  // cellwright.json too
}

TEST_F(HfWriterTest, equalCellsGiveEqualFolders) {
  ASSERT_TRUE(write("a", 1500, 1000, 1'000'000).ok());
  ASSERT_TRUE(write("b", 1500, 1000, 1'000'000).ok());
  EXPECT_EQ(*sha256_of_path(folder_ / "a"), *sha256_of_path(folder_ / "b"));
}

TEST_F(HfWriterTest, nothingIsLeftOfAnUnfinishedOutput) {
  {
    auto writer = host().exporters.front()->create(folder_ / "x.dataset", table_of(10), false);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append(block_of(0, 4)).ok());
    EXPECT_EQ((*writer)->append(block_of(5, 2)).error().id, "E-HF-007");
    EXPECT_EQ((*writer)->append(block_of(4, 7)).error().id, "E-HF-007");
    EXPECT_EQ((*writer)->finish().error().id, "E-HF-007");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  std::filesystem::create_directory(folder_ / "there");
  EXPECT_EQ(host().exporters.front()->create(folder_ / "there", {}, false).error().id, "E-IO-005");
}

TEST_F(HfWriterTest, replacesOnlyFoldersThatItWrote) {
  ASSERT_TRUE(write("mine", 3, 3, 1000).ok());
  EXPECT_TRUE(host().exporters.front()->create(folder_ / "mine", {}, true).ok());
  std::filesystem::create_directory(folder_ / "theirs");
  ASSERT_TRUE(write_file_atomically(folder_ / "theirs" / "thesis.txt", "years of work").ok());
  EXPECT_EQ(host().exporters.front()->create(folder_ / "theirs", {}, true).error().id, "E-IO-007");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "theirs" / "thesis.txt"));
}

}  // namespace
}  // namespace cw
