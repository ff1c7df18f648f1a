// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/token_file.h"
#include "tests/core/perturb/perturb_case.h"

#include <string>
#include <vector>

namespace cw::testing_support {

/// A small model, its dictionary as a folder, and a file of tokens: what a whole job starts from.
class TokenCase : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    const auto golden = std::filesystem::path(CW_SOURCE_DIR) / "tests" / "golden" / "perturb";
    golden_ = *read_json(golden / "effects.json");
    const Json& first = golden_.at("cases")[0];
    lists_ = first.at("cells").get<std::vector<std::vector<std::int32_t>>>();
    model_ = golden / "v1";
    std::string lines = "token\tensembl_id\tmedian\tsymbol\n0\t<pad>\t0\t\n1\t<mask>\t0\t\n";
    for (std::int32_t token = 2; token < 150; ++token) {
      lines += std::to_string(token) + "\t" + ensembl_id_of(token) + "\t1\tG" + std::to_string(token) + "\n";
    }
    std::filesystem::create_directory(folder_ / "dictionary");
    ASSERT_TRUE(write_file_atomically(folder_ / "dictionary" / "tokens.tsv", lines).ok());
    write_tokens(lists_);
  }

  /// Cells named cell-0, cell-1, ... with the column type, A and B in turn, and `more`.
  void write_tokens(const std::vector<std::vector<std::int32_t>>& lists, const std::vector<Column>& more = {}) {
    const auto dictionary = Dictionary::load((folder_ / "dictionary").string());
    ASSERT_TRUE(dictionary.ok()) << dictionary.error().message;
    auto writer = TokenFileWriter::create(folder_ / "cells.tokens.h5", 150, true);
    ASSERT_TRUE(writer.ok());
    Table table;
    std::vector<std::string> type;
    for (const auto& list : lists) {
      ASSERT_TRUE(writer->append(list, static_cast<std::uint32_t>(list.size())).ok());
      table.index.push_back("cell-" + std::to_string(table.index.size()));
      type.push_back(table.index.size() % 2 == 0 ? "B" : "A");
    }
    table.set(Column::of_strings("type", type));
    for (const Column& column : more) table.set(column);
    TokensInfo info;
    info.dictionary_name = (*dictionary)->name();
    info.dictionary_sha256 = (*dictionary)->sha256();
    info.max_length = 48;
    ASSERT_TRUE(writer->finish(table, info).ok());
  }

  std::filesystem::path model_;
  Json golden_;
  std::vector<std::vector<std::int32_t>> lists_;
};

}  // namespace cw::testing_support
