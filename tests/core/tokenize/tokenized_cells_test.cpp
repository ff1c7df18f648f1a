// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/tokenized_cells.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

TEST(TokenizedCells, KeepsRaggedRowsAndTheirTable) {
  Table table;
  table.index = {"a", "b", "c"};
  table.set(Column::of_strings("donor", {"d1", "d2", "d1"}));
  const auto cells = TokenizedCells::from_memory({{5, 70000, 3}, {}, {2}}, table, {"own", "abc", 2048, false, {}});
  ASSERT_EQ(cells.num_cells(), 3);
  EXPECT_EQ(cells.num_tokens(), 4);
  EXPECT_EQ(cells.length(0), 3);
  EXPECT_EQ(cells.length(1), 0);
  std::vector<std::int32_t> tokens{9, 9, 9, 9};
  cells.copy_tokens(0, tokens);
  EXPECT_EQ(tokens, (std::vector<std::int32_t>{5, 70000, 3}));
  cells.copy_tokens(1, tokens);
  EXPECT_TRUE(tokens.empty());
  EXPECT_EQ(cells.cells().find("donor")->text(1), "d2");
  EXPECT_EQ(cells.dictionary_sha256(), "abc");
}

TEST(TokenizedCells, NamesCellsByNumberWithoutATable) {
  const auto cells = TokenizedCells::from_memory({{2}, {3}}, {}, {});
  EXPECT_EQ(cells.cells().index, (std::vector<std::string>{"0", "1"}));
}

}  // namespace
}  // namespace cw
