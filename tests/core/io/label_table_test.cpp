// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/label_table.h"

#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace cw {
namespace {

class LabelTable : public ScratchFolderTest {
 protected:
  std::filesystem::path write(const std::string& text) {
    const auto path = folder_ / "labels.csv";
    std::ofstream(path) << text;
    return path;
  }
  static Table cells(std::vector<std::string> names) {
    Table table;
    table.index = std::move(names);
    return table;
  }
};

TEST_F(LabelTable, JoinsByNameWhateverTheOrder) {
  const auto labels = read_label_table(write("cell,state,\"my, donor\"\nb,goal,d1\na,start,\"d,2\"\nx,goal,d1\n"));
  ASSERT_TRUE(labels.ok());
  Table table = cells({"a", "b", "c"});
  const auto match = join_labels(table, *labels);
  ASSERT_TRUE(match.ok());
  EXPECT_EQ(match->matched, 2);
  EXPECT_EQ(match->without_label, 1);
  EXPECT_EQ(match->unknown_names, 1);
  EXPECT_EQ(table.find("state")->text(0), "start");
  EXPECT_EQ(table.find("state")->text(1), "goal");
  EXPECT_TRUE(table.find("state")->is_missing(2));
  EXPECT_EQ(table.find("my, donor")->text(0), "d,2");
}

TEST_F(LabelTable, ReadsTabsAndLeavesEmptyFieldsMissing) {
  const auto labels = read_label_table(write("cell\tstate\na\t\nb\tgoal\n"));
  ASSERT_TRUE(labels.ok());
  EXPECT_TRUE(labels->columns[0].is_missing(0));
  EXPECT_EQ(labels->columns[0].text(1), "goal");
}

TEST_F(LabelTable, RefusesWhatCannotBeJoined) {
  EXPECT_EQ(read_label_table(write("cell\na\n")).error().id, "E-LAB-001");
  EXPECT_EQ(read_label_table(write("")).error().id, "E-LAB-001");
  EXPECT_EQ(read_label_table(write("cell,state\na,s,t\n")).error().id, "E-LAB-002");
  EXPECT_EQ(read_label_table(write("cell,state\na,s\na,t\n")).error().id, "E-LAB-003");
  const auto labels = read_label_table(write("cell,state\na,s\n"));
  ASSERT_TRUE(labels.ok());
  Table other = cells({"q"});
  EXPECT_EQ(join_labels(other, *labels).error().id, "E-LAB-004");
  Table twice = cells({"a", "a"});
  EXPECT_EQ(join_labels(twice, *labels).error().id, "E-LAB-005");
}

}  // namespace
}  // namespace cw
