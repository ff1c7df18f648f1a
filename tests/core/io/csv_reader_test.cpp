// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/csv_reader.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/io/counts.h"
#include "core/io/text_records.h"
#include "tests/core/io/ingest_facts.h"

#include <zlib.h>

#include <cmath>
#include <map>

namespace cw::test {
namespace {

namespace fs = std::filesystem;

class CsvFiles : public testing::Test {
 protected:
  void SetUp() override { folder_ = *make_scratch_folder(fs::temp_directory_path()); }
  void TearDown() override { fs::remove_all(folder_); }

  Result<std::unique_ptr<DatasetReader>> open(const std::string& name, const std::string& content) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, content).ok());
    return core_registry().open_dataset(folder_ / name);
  }

  fs::path folder_;
};

// cell -> gene -> value, by name
using Values = std::map<std::string, std::map<std::string, float>>;

Values values_of(DatasetReader& reader) {
  Values values;
  const auto cells = reader.cell_names();
  const auto genes = reader.genes("X");
  auto blocks = reader.open_matrix("X");
  EXPECT_TRUE(blocks.ok());
  CellBlock block;
  for (;;) {
    const auto result = (*blocks)->next(block, 2);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    if (!result.ok() || block.num_cells() == 0) return values;
    for (std::int64_t row = 0; row < block.num_cells(); ++row) {
      auto& cell = values[cells->at(static_cast<std::size_t>(block.first_cell + row))];
      for (std::size_t i = 0; i < block.genes_of(row).size(); ++i) {
        cell[genes->index.at(block.genes_of(row)[i])] = block.values_of(row)[i];
      }
    }
  }
}

const Values kWanted = {{"c1", {{"ACTB", 5}, {"CD3D", 1}}}, {"c2", {{"RPL3", 12}}}, {"c3", {}}};

struct Variant {
  const char* name;
  const char* file;
  const char* content;
  bool cells_in_rows;
};

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class CsvVariants : public CsvFiles, public testing::WithParamInterface<Variant> {};

TEST_P(CsvVariants, GiveTheSameMatrix) {
  const auto reader = open(GetParam().file, GetParam().content);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const DatasetInfo& info = (*reader)->info();
  EXPECT_EQ(info.num_cells, 3);
  EXPECT_EQ(info.num_genes, 3);
  EXPECT_EQ(info.format, "csv");
  ASSERT_EQ(info.notes.size(), 1U);
  EXPECT_NE(info.notes[0].find(GetParam().cells_in_rows ? "cells are in rows" : "cells are in columns"),
            std::string::npos)
      << info.notes[0];
  EXPECT_EQ(values_of(**reader), kWanted);
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, CsvVariants,
    testing::Values(Variant{"cells_in_rows", "a.csv", ",ACTB,CD3D,RPL3\nc1,5,1,0\nc2,0,0,12\nc3,0,0,0\n", true},
                    Variant{"cells_in_columns", "a.csv", ",c1,c2,c3\nACTB,5,0,0\nCD3D,1,0,0\nRPL3,0,12,0\n", false},
                    Variant{"tabs", "a.tsv", "gene\tc1\tc2\tc3\nACTB\t5\t0\t0\nCD3D\t1\t0\t0\nRPL3\t0\t12\t0\n", false},
                    Variant{"spaces", "a.txt", "c1 c2 c3\nACTB 5  0 0\nCD3D 1  0 0\nRPL3 0 12 0\n", false},
                    Variant{"semicolons_decimal_commas", "a.csv",
                            ";ACTB;CD3D;RPL3\nc1;5,0;1;0\nc2;0;0;12,0\nc3;0;0;0\n", true},
                    Variant{"no_corner", "a.csv", "ACTB,CD3D,RPL3\nc1,5,1,0\nc2,0,0,12\nc3,0,0,0\n", true},
                    Variant{"quotes", "a.csv",
                            "\"\",\"ACTB\",\"CD3D\",\"RPL3\"\n\"c1\",\"5\",1,0\n\"c2\",0,0,12\n\"c3\",0,0,0\n", true},
                    Variant{"windows_lines_and_byte_order_mark", "a.csv",
                            "\xEF\xBB\xBF,ACTB,CD3D,RPL3\r\nc1,5,1,0\r\nc2,0,0,12\r\nc3,0,0,0\r\n", true},
                    Variant{"comments_and_no_last_line_end", "a.csv",
                            "# made by x\n,ACTB,CD3D,RPL3\nc1,5,1,0\n\nc2,0,0,12\nc3,0,0,0", true},
                    Variant{"exponents", "a.csv", ",ACTB,CD3D,RPL3\nc1,5e0,+1,0.0\nc2,0,0,1.2E1\nc3,0,0,0\n", true},
                    Variant{"text_columns", "a.csv",
                            ",type,ACTB,CD3D,RPL3,note\nc1,T,5,1,0,\"a, b\"\nc2,B,0,0,12,x\nc3,T,0,0,0,y\n", true}),
    [](const auto& one) { return one.param.name; });

TEST_F(CsvFiles, GiveTextColumnsAsAnnotations) {
  const auto reader = open("a.csv", ",type,ACTB,RPL3,note\nc1,T,5,0,\"a, \"\"b\"\"\"\nc2,B,0,2,x\n");
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ((*reader)->cell_column("type")->strings, (std::vector<std::string>{"T", "B"}));
  EXPECT_EQ((*reader)->cell_column("note")->strings, (std::vector<std::string>{"a, \"b\"", "x"}));
  EXPECT_EQ((*reader)->cell_column("other").error().id, "E-DATA-001");
}

TEST_F(CsvFiles, AreReadThroughGzip) {
  const std::string text = ",c1,c2,c3\nACTB,5,0,0\nCD3D,1,0,0\nRPL3,0,12,0\n";
  const auto path = folder_ / "a.csv.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  const auto reader = core_registry().open_dataset(path);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ(values_of(**reader), kWanted);
  fs::resize_file(path, fs::file_size(path) - 9);
  EXPECT_EQ(core_registry().open_dataset(path).error().id, "E-CSV-001");
}

TEST_F(CsvFiles, SeekForwardsAndBackwards) {
  for (const char* const text :
       {",ACTB,CD3D,RPL3\nc1,5,1,0\nc2,0,0,12\nc3,0,7,0\n", ",c1,c2,c3\nACTB,5,0,0\nCD3D,1,0,7\nRPL3,0,12,0\n"}) {
    const auto reader = open("a.csv", text);
    const auto blocks = (*reader)->open_matrix("X");
    CellBlock block;
    for (const std::int64_t cell : {2, 0, 1}) {
      ASSERT_TRUE((*blocks)->seek(cell).ok());
      ASSERT_TRUE((*blocks)->next(block, 1).ok());
      EXPECT_EQ(block.first_cell, cell);
      EXPECT_EQ(block.values.back(), cell == 0 ? 1.0F : cell == 1 ? 12.0F : 7.0F);
    }
  }
}

struct Refusal {
  const char* name;
  const char* content;
  const char* id;
  const char* says;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class CsvRefusals : public CsvFiles, public testing::WithParamInterface<Refusal> {};

TEST_P(CsvRefusals, SayWhatIsWrong) {
  const auto reader = open("some.csv", GetParam().content);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().id, GetParam().id) << reader.error().message;
  EXPECT_NE(reader.error().message.find(GetParam().says), std::string::npos) << reader.error().message;
  EXPECT_NE(reader.error().message.find("some.csv"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Files, CsvRefusals,
                         testing::Values(Refusal{"empty", "", "E-CSV-002", "empty"},
                                         Refusal{"one_line", "gene,a,b\n", "E-CSV-002", "one line"},
                                         Refusal{"one_column", "gene\nTP53\nMYC\n", "E-CSV-002", "one column"},
                                         Refusal{"labels", "gene,class,source\nTP53,sensitive,x\nMYC,insensitive,y\n",
                                                 "E-CSV-004", "column 'class'"},
                                         Refusal{"metadata", "barcode,n_genes,batch\nc1,500,1\nc2,300,2\n", "E-CSV-004",
                                                 "names genes"},
                                         Refusal{"no_header", "c1,5,1,0\nc2,0,0,12\n", "E-CSV-003", "header"},
                                         Refusal{"no_header_at_all", "0,5,1,0\n1,0,0,12\n", "E-CSV-003", "header"}),
                         [](const auto& one) { return one.param.name; });

TEST_F(CsvFiles, RefuseTextAmongTheNumbersWithItsPlace) {
  std::string content = ",ACTB,CD3D,RPL3\n";
  for (int i = 0; i < 40; ++i) content += "c" + std::to_string(i) + ",0,1,2\n";
  content += "c40,0,oops,2\n";
  const auto reader = open("a.csv", content);
  ASSERT_TRUE(reader.ok());
  const auto blocks = (*reader)->open_matrix("X");
  CellBlock block;
  const auto result = (*blocks)->next(block, 100);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, "E-CSV-005");
  EXPECT_NE(result.error().message.find("line 42 ('c40'): 'oops' in column 'CD3D'"), std::string::npos)
      << result.error().message;
}

TEST_F(CsvFiles, RefuseRowsOfAnotherLength) {
  const auto reader = open("a.csv", ",ACTB,CD3D,RPL3\nc1,5,1,0\nc2,0,0\n");
  ASSERT_TRUE(reader.ok());
  const auto blocks = (*reader)->open_matrix("X");
  CellBlock block;
  EXPECT_EQ((*blocks)->next(block, 100).error().id, "E-CSV-006");
}

TEST_F(CsvFiles, RefuseBinaryData) {
  EXPECT_EQ(open("a.csv", std::string("a,b\n\0\1,2\n", 9)).error().id, "E-CSV-001");
}

TEST_F(CsvFiles, HoldMissingValuesAsNaN) {
  const auto reader = open("a.csv", ",ACTB,CD3D,RPL3\nc1,5,NA,0\nc2,,0,nan\n");
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const auto blocks = (*reader)->open_matrix("X");
  EXPECT_EQ(sum_matrix(**blocks, 10).num_nan, 3);
  JobContext ctx;
  EXPECT_EQ(find_counts(**reader, ctx)->matrices[0].kind, ValueKind::kNotFinite);
}

class CsvIngest : public testing::TestWithParam<IngestCase> {};

TEST_P(CsvIngest, GivesTheExpectedFacts) {
  const Json& facts = GetParam().facts;
  const auto reader = core_registry().open_dataset(GetParam().path);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ((*reader)->info().num_cells, facts["n_obs"]);
  EXPECT_EQ((*reader)->info().num_genes, facts["n_vars"]);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*reader)->cell_names()->at(i), facts["first_cells"][i]);
    EXPECT_EQ((*reader)->genes("X")->index.at(i), facts["first_genes"][i]);
  }
  const auto blocks = (*reader)->open_matrix("X");
  EXPECT_EQ(sum_matrix(**blocks, 10).sum, facts["sum"]);
  JobContext ctx;
  EXPECT_EQ(find_counts(**reader, ctx)->where, "X");
  EXPECT_EQ(*sha256_of_path(GetParam().path), facts["sha256"]);
}

INSTANTIATE_TEST_SUITE_P(Files, CsvIngest, testing::ValuesIn(ingest_cases("ingest", {".csv"}, true)),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace cw::test
