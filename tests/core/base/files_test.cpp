// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include "core/base/output_check.h"
#include "core/base/sha256.h"
#include "tests/support/scratch_folder.h"

namespace cw {
namespace {

using FilesTest = ScratchFolderTest;

TEST_F(FilesTest, atomicWriteReplacesTheOldContentAndLeavesNothingElse) {
  const auto path = folder_ / "a" / "b.txt";
  ASSERT_TRUE(write_file_atomically(path, "one").ok());
  ASSERT_TRUE(write_file_atomically(path, "two").ok());
  EXPECT_EQ(*read_file(path), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "a"), {}), 1);
}

TEST_F(FilesTest, uncommittedOutputDisappears) {
  {
    auto output = PendingOutput::create(folder_ / "out", false);
    ASSERT_TRUE(output.ok());
    std::filesystem::create_directory(output->path());
    ASSERT_TRUE(write_file_atomically(output->path() / "part", "x").ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(FilesTest, existingOutputIsRefusedUnlessOverwriteIsGiven) {
  ASSERT_TRUE(write_file_atomically(folder_ / "out", "old").ok());
  const auto refused = PendingOutput::create(folder_ / "out", false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, "E-IO-005");
  EXPECT_TRUE(PendingOutput::create(folder_ / "out", true).ok());
}

TEST_F(FilesTest, aFolderReplacesAFolder) {
  for (const char* content : {"one", "two"}) {
    auto output = PendingOutput::create(folder_ / "out", true);
    std::filesystem::create_directory(output->path());
    ASSERT_TRUE(write_file_atomically(output->path() / "part", content).ok());
    ASSERT_TRUE(output->commit().ok());
  }
  EXPECT_EQ(*read_file(folder_ / "out" / "part"), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(FilesTest, aFileDoesNotReplaceAFolder) {
  ASSERT_TRUE(write_file_atomically(folder_ / "data" / "precious", "x").ok());
  const auto written = write_file_atomically(folder_ / "data", "content");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().id, "E-IO-007");
  EXPECT_EQ(PendingOutput::create(folder_ / "data", true).error().id, "E-IO-007");
  EXPECT_EQ(*read_file(folder_ / "data" / "precious"), "x");
}

TEST_F(FilesTest, anOutputThatCannotBeWrittenIsRefusedBeforeTheWork) {
  EXPECT_TRUE(require_writable({}, false).ok());
  EXPECT_TRUE(require_writable(folder_ / "new" / "table.csv", false).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "new"));
  ASSERT_TRUE(write_file_atomically(folder_ / "table.csv", "x").ok());
  EXPECT_EQ(require_writable(folder_ / "table.csv", false).error().id, "E-IO-005");
  EXPECT_TRUE(require_writable(folder_ / "table.csv", true).ok());
  EXPECT_EQ(*read_file(folder_ / "table.csv"), "x");
  const auto below_a_file = require_writable(folder_ / "table.csv" / "table.xlsx", false);
  ASSERT_FALSE(below_a_file.ok());
  EXPECT_NE(below_a_file.error().message.find((folder_ / "table.csv").string()), std::string::npos);
  const auto in_proc = require_writable("/proc/table.xlsx", false);
  ASSERT_FALSE(in_proc.ok());
  EXPECT_NE(in_proc.error().message.find("/proc/table.xlsx"), std::string::npos);
}

TEST_F(FilesTest, missingFileNamesThePath) {
  const auto content = read_file(folder_ / "absent.txt");
  ASSERT_FALSE(content.ok());
  EXPECT_EQ(content.error().code, ErrorCode::kNotFound);
  EXPECT_NE(content.error().message.find("absent.txt"), std::string::npos);
}

TEST_F(FilesTest, sha256OfKnownTexts) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4 example
  ASSERT_TRUE(write_file_atomically(folder_ / "abc", "abc").ok());
  EXPECT_EQ(*sha256_of_path(folder_ / "abc"), sha256("abc"));
}

}  // namespace
}  // namespace cw
