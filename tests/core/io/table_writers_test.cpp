// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/table_writers.h"

#include "core/base/files.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace cw::test {
namespace {

namespace fs = std::filesystem;

class TableWriters : public testing::Test {
 protected:
  void SetUp() override { folder_ = *make_scratch_folder(fs::temp_directory_path()); }
  void TearDown() override { fs::remove_all(folder_); }

  /// A member of a zip archive as text.
  static std::string unzipped(const fs::path& archive, const std::string& member) {
    const std::string command = "unzip -p '" + archive.string() + "' " + member;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string text;
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), n);
    ::pclose(pipe);
    return text;
  }

  fs::path folder_;
};

std::vector<Column> ranked() {
  return {Column::of_integers("rank", {1, 2, 3}), Column::of_strings("gene", {"SEPT2", "1-Mar", "say \"hi\", ok"}),
          Column::of_reals("effect", {0.1, std::nan(""), -2.5e-10}), Column::of_codes("flag", {0, -1, 0}, {"é"})};
}

TEST_F(TableWriters, WriteCsvAsRfc4180Wants) {
  const auto path = folder_ / "ranked.csv";
  ASSERT_TRUE(write_csv(path, ranked(), false).ok());
  EXPECT_EQ(*read_file(path), "rank,gene,effect,flag\n1,SEPT2,0.1,é\n2,1-Mar,,\n3,\"say \"\"hi\"\", ok\",-2.5e-10,é\n");
  EXPECT_EQ(write_csv(path, ranked(), false).error().id, "E-IO-005");
}

TEST_F(TableWriters, WriteTheIndexFirst) {
  Table table;
  table.index = {"a", "b,c", "d"};
  table.index_name = "cell";
  table.columns = {Column::of_integers("n", {1, 2, 3})};
  ASSERT_TRUE(write_csv(folder_ / "t.csv", table, false).ok());
  EXPECT_EQ(*read_file(folder_ / "t.csv"), "cell,n\na,1\n\"b,c\",2\nd,3\n");
}

TEST_F(TableWriters, RefuseColumnsOfDifferentLengths) {
  auto columns = ranked();
  columns[1].strings.pop_back();
  EXPECT_EQ(write_csv(folder_ / "t.csv", columns, false).error().id, "E-CSV-007");
  EXPECT_EQ(write_xlsx(folder_ / "t.xlsx", columns, "Genes", false).error().id, "E-CSV-007");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(TableWriters, KeepGeneNamesAsTextInExcel) {
  const auto path = folder_ / "ranked.xlsx";
  const auto written = write_xlsx(path, ranked(), "Ranked: genes", false);
  ASSERT_TRUE(written.ok()) << written.error().message;
  const std::string sheet = unzipped(path, "xl/worksheets/sheet1.xml");
  EXPECT_NE(sheet.find("t=\"inlineStr\"><is><t>SEPT2</t>"), std::string::npos) << sheet;
  EXPECT_NE(sheet.find("<is><t>1-Mar</t>"), std::string::npos);
  EXPECT_NE(sheet.find("<v>0.1</v>"), std::string::npos);
  EXPECT_EQ(sheet.find("nan"), std::string::npos);
  EXPECT_NE(sheet.find("state=\"frozen\""), std::string::npos);
  EXPECT_NE(sheet.find("<autoFilter ref=\"A1:D4\""), std::string::npos);
  EXPECT_NE(unzipped(path, "xl/workbook.xml").find("name=\"Ranked genes\""), std::string::npos);
  EXPECT_NE(unzipped(path, "xl/styles.xml").find("<b/>"), std::string::npos);
}

TEST_F(TableWriters, PutAReadmeInFrontOfTheTable) {
  const auto path = folder_ / "ranked.xlsx";
  const std::vector<Column> readme = {Column::of_strings("what", {"Run", "Version"}),
                                      Column::of_strings("value", {"run/effects.h5", "1"})};
  const auto written = write_xlsx(path, ranked(), "Genes", false, readme);
  ASSERT_TRUE(written.ok()) << written.error().message;
  const std::string book = unzipped(path, "xl/workbook.xml");
  EXPECT_LT(book.find("name=\"README\""), book.find("name=\"Genes\""));
  EXPECT_NE(unzipped(path, "xl/worksheets/sheet1.xml").find("run/effects.h5"), std::string::npos);
  EXPECT_NE(unzipped(path, "xl/worksheets/sheet2.xml").find("SEPT2"), std::string::npos);
}

TEST_F(TableWriters, RefuseMoreRowsThanExcelHas) {
  const std::vector<Column> columns = {Column::of_integers("n", std::vector<std::int64_t>(1048576, 1))};
  EXPECT_EQ(write_xlsx(folder_ / "t.xlsx", columns, "n", false).error().id, "E-XLSX-001");
}

TEST_F(TableWriters, SayWhyTheyCannotWrite) {
  const auto columns = ranked();
  EXPECT_FALSE(write_csv("/proc/nowhere/t.csv", columns, false).ok());
  EXPECT_FALSE(write_xlsx("/proc/nowhere/t.xlsx", columns, "x", false).ok());
}

}  // namespace
}  // namespace cw::test
