// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/run_tokenize.h"

#include "core/base/sha256.h"
#include "core/io/h5ad_writer.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/dataset_tokenizer.h"
#include "core/tokenize/token_file.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace cw {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(CW_TEST_DATA) / "tokens";

/// As tests/golden/tokens/make.py writes a cell.
std::string digest(const std::vector<std::int32_t>& tokens) {
  return sha256({reinterpret_cast<const char*>(tokens.data()), tokens.size() * sizeof(std::int32_t)}).substr(0, 16);
}

std::vector<std::vector<std::int32_t>> all_cells(const TokenizedCells& cells) {
  std::vector<std::vector<std::int32_t>> all(static_cast<std::size_t>(cells.num_cells()));
  for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell)
    cells.copy_tokens(cell, all[static_cast<std::size_t>(cell)]);
  return all;
}

class RunTokenize : public ScratchFolderTest {
 protected:
  TokenizeOptions options(const fs::path& input, const std::string& dictionary = "v1") const {
    TokenizeOptions made;
    made.inputs = {input.string()};
    made.dictionary = dictionary;
    made.output = (folder_ / "cells.tokens.h5").string();
    made.overwrite = true;
    return made;
  }

  TokenizedCells run(const TokenizeOptions& made) {
    JobContext ctx;
    const auto summary = run_tokenize(made, ctx);
    EXPECT_TRUE(summary.ok()) << summary.error().message;
    auto cells = TokenizedCells::open(made.output);
    EXPECT_TRUE(cells.ok()) << cells.error().message;
    return std::move(cells).value();
  }

  std::string refused(const TokenizeOptions& made) {
    JobContext ctx;
    const auto summary = run_tokenize(made, ctx);
    EXPECT_FALSE(fs::exists(made.output));
    return summary.ok() ? "" : summary.error().id;
  }

  /// A small h5ad of two cells and the genes named.
  fs::path write_counts(const std::string& name, const std::vector<std::string>& genes, std::vector<float> values,
                        std::vector<Column> columns = {}) const {
    H5adContent content;
    const auto num_cells = values.size() / genes.size();
    for (std::size_t i = 0; i < num_cells; ++i) content.cells.index.push_back("cell" + std::to_string(i));
    for (auto& column : columns) content.cells.set(std::move(column));
    content.genes.index = genes;
    content.x =
        DenseArray{static_cast<std::int64_t>(num_cells), static_cast<std::int64_t>(genes.size()), std::move(values)};
    JobContext ctx;
    const auto path = folder_ / name;
    EXPECT_TRUE(write_h5ad(path, content, true, ctx).ok());
    return path;
  }
};

TEST_F(RunTokenize, GivesTheReferenceTokensInEveryCell) {
  const auto expected = read_json(fs::path(CW_SOURCE_DIR) / "tests/golden/tokens/expected.json");
  ASSERT_TRUE(expected.ok());
  for (const char* name : {"kang_pbmc", "pbmc3k_half_a", "lung_cell_lines", "cardiac_diff_day2"}) {
    for (const std::string dictionary : {"v1", "v2"}) {
      for (const bool upstream : {true, false}) {
        auto made = options(kData / (std::string(name) + ".h5ad"), dictionary);
        made.gene_ids = "ensembl_id";
        made.match_upstream = upstream;
        const auto cells = all_cells(run(made));
        const auto& golden = (*expected)[name][dictionary + (upstream ? " upstream" : " exact")]["cells"];
        ASSERT_EQ(cells.size(), golden.size()) << name;
        std::int64_t different = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
          different += digest(cells[i]) == golden[i].get<std::string>() ? 0 : 1;
        }
        EXPECT_EQ(different, 0) << name << " " << dictionary << (upstream ? " upstream" : " exact");
      }
    }
  }
}

TEST_F(RunTokenize, DoesNotDependOnThreads) {
  auto made = options(kData / "kang_pbmc.h5ad");
  made.num_threads = 1;
  const auto one = all_cells(run(made));
  made.num_threads = 4;
  EXPECT_EQ(all_cells(run(made)), one);
}

TEST_F(RunTokenize, WritesWhatTheContractSays) {
  auto made = options(kData / "kang_pbmc.h5ad", "v2");
  made.keep = {"donor", "condition=treatment"};
  const auto cells = run(made);
  EXPECT_EQ(cells.dictionary_name(), "v2");
  EXPECT_EQ(cells.dictionary_sha256(), (*Dictionary::load("v2"))->sha256());
  EXPECT_EQ(cells.max_length(), 4096);
  EXPECT_TRUE(cells.has_special_tokens());
  ASSERT_EQ(cells.cells().columns.size(), 2U);
  EXPECT_NE(cells.cells().find("treatment"), nullptr);
  EXPECT_TRUE(cells.cells().index[0].ends_with("ctrl") || cells.cells().index[0].ends_with("stim"));
  EXPECT_EQ(cells.cells().find("treatment")->text(0), cells.cells().index[0].ends_with("ctrl") ? "ctrl" : "stim");
  EXPECT_EQ(cells.source()["files"][0]["sha256"], *sha256_of_path(kData / "kang_pbmc.h5ad"));
  std::vector<std::int32_t> tokens;
  cells.copy_tokens(0, tokens);
  EXPECT_EQ(tokens.front(), 2);
  EXPECT_EQ(tokens.back(), 3);
}

TEST_F(RunTokenize, HonoursFilters) {
  auto made = options(kData / "kang_pbmc.h5ad");
  made.filter = {"condition=stim"};
  made.keep_all = true;
  const auto stimulated = run(made);
  EXPECT_LT(stimulated.num_cells(), 120);
  for (std::int64_t i = 0; i < stimulated.num_cells(); ++i) {
    ASSERT_EQ(stimulated.cells().find("condition")->text(i), "stim");
  }
}

TEST_F(RunTokenize, LeavesOutCellsWhoseFilterPassIsNotOne) {
  for (auto& column : {Column::of_integers("filter_pass", {1, 0}), Column::of_reals("filter_pass", {1.0, 2.0})}) {
    auto made = options(write_counts("counts.h5ad", {"GAPDH", "ACTB"}, {1, 2, 3, 4}, {column}));
    EXPECT_EQ(run(made).cells().index, std::vector<std::string>{"cell0"});
    made.cell_filter = false;
    EXPECT_EQ(run(made).num_cells(), 2);
  }
  // a text "1" does not count, as in the published tokenizer
  fs::remove(folder_ / "cells.tokens.h5");
  EXPECT_EQ(refused(options(write_counts("counts.h5ad", {"GAPDH", "ACTB"}, {1, 2, 3, 4},
                                         {Column::of_strings("filter_pass", {"one", "1"})}))),
            "E-TOK-006");
}

TEST_F(RunTokenize, SaysWhichColumnsAndValuesThereAre) {
  auto made = options(kData / "kang_pbmc.h5ad");
  made.filter = {"treatment=stim"};
  EXPECT_EQ(refused(made), "E-TOK-004");
  made.filter = {"condition=stimulated"};
  JobContext ctx;
  const auto missing = run_tokenize(made, ctx);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().id, "E-TOK-005");
  EXPECT_NE(missing.error().message.find("ctrl, stim"), std::string::npos);
  made.filter = {};
  made.keep = {"nothing"};
  EXPECT_EQ(refused(made), "E-TOK-004");
}

TEST_F(RunTokenize, JoinsFilesInSortedOrder) {
  const auto a = write_counts("b.h5ad", {"GAPDH", "ACTB"}, {1, 2, 3, 4}, {Column::of_strings("donor", {"x", "y"})});
  write_counts("a.h5ad", {"GAPDH", "ACTB"}, {5, 6, 0, 0}, {Column::of_integers("age", {7, 8})});
  auto made = options(folder_);
  made.keep_all = true;
  const auto cells = run(made);
  ASSERT_EQ(cells.num_cells(), 3);  // a cell without counts is left out
  EXPECT_EQ(cells.cells().find("source")->text(0), "a.h5ad");
  EXPECT_EQ(cells.cells().find("source")->text(2), "b.h5ad");
  EXPECT_EQ(cells.cells().find("age")->text(0), "7");
  EXPECT_TRUE(cells.cells().find("age")->is_missing(1));
  EXPECT_EQ(cells.cells().find("donor")->text(2), "y");
}

TEST_F(RunTokenize, RefusesWhatAreNoCounts) {
  const auto refused_values = [&](std::vector<float> values) {
    auto made = options(write_counts("counts.h5ad", {"GAPDH", "ACTB"}, std::move(values)));
    made.counts = "X";
    return refused(made);
  };
  EXPECT_EQ(refused_values({1, 2, 3, -4}), "E-IO-016");
  EXPECT_EQ(refused_values({1, 2, 3, NAN}), "E-IO-017");
  EXPECT_EQ(refused_values({1, 2, 3, 4.5}), "E-IO-015");
  EXPECT_EQ(refused(options(folder_ / "none.h5ad")), "E-TOK-001");
}

TEST_F(RunTokenize, RefusesFilesWhoseGenesAreUnknownUnlessForced) {
  auto made = options(write_counts("counts.h5ad", {"GAPDH", "ACTB", "what1", "what2"}, {1, 2, 30, 40, 1, 1, 10, 10}));
  EXPECT_EQ(refused(made), "E-GENE-003");
  made.force = true;
  EXPECT_EQ(run(made).num_cells(), 2);
  made.output = (folder_ / "mouse.tokens.h5").string();
  made.inputs = {write_counts("mouse.h5ad", {"Gapdh", "Actb"}, {1, 2, 3, 4}).string()};
  EXPECT_EQ(refused(made), "E-GENE-002");
}

TEST_F(RunTokenize, SaysThatAFileHasNoCells) {
  const auto made = options(write_counts("empty.h5ad", {"GAPDH", "ACTB"}, {}));
  JobContext ctx;
  const auto summary = run_tokenize(made, ctx);
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().id, "E-IO-022");
  EXPECT_NE(summary.error().message.find(made.inputs[0] + ": the file has no cells"), std::string::npos)
      << summary.error().message;
}

TEST_F(RunTokenize, RefusesToOverwriteUnlessAsked) {
  auto made = options(kData / "cardiac_diff_day2.h5ad");
  run(made);
  made.overwrite = false;
  JobContext ctx;
  EXPECT_EQ(run_tokenize(made, ctx).error().id, "E-IO-005");
}

TEST_F(RunTokenize, StopsWhenCancelled) {
  auto made = options(kData / "kang_pbmc.h5ad");
  JobContext ctx;
  ctx.request_cancel();
  const auto stopped = run_tokenize(made, ctx);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(RunTokenize, LoadsTheSameCellsFromTokensAndFromData) {
  auto made = options(kData / "kang_pbmc.h5ad");
  made.keep_all = true;
  const auto tokens = all_cells(run(made));
  const auto v1 = Dictionary::load("v1");
  JobContext ctx;
  const auto from_data = load_cells(kData / "kang_pbmc.h5ad", **v1, made, ctx);
  ASSERT_TRUE(from_data.ok()) << from_data.error().message;
  EXPECT_EQ(all_cells(*from_data), tokens);
  TokenizeOptions filter;
  filter.filter = {"condition=ctrl"};
  const auto from_tokens = load_cells(made.output, **v1, filter, ctx);
  ASSERT_TRUE(from_tokens.ok());
  EXPECT_LT(from_tokens->num_cells(), static_cast<std::int64_t>(tokens.size()));
  const auto mixed = load_cells(made.output, **Dictionary::load("v2"), filter, ctx);
  ASSERT_FALSE(mixed.ok());
  EXPECT_EQ(mixed.error().id, "E-DICT-007");
}

TEST_F(RunTokenize, RefusesDamagedTokenFiles) {
  auto made = options(kData / "cardiac_diff_day2.h5ad");
  run(made);
  const auto bytes = read_file(made.output);
  const auto cut = folder_ / "cut.tokens.h5";
  ASSERT_TRUE(write_file_atomically(cut, std::string_view(*bytes).substr(0, bytes->size() / 2)).ok());
  EXPECT_FALSE(TokenizedCells::open(cut).ok());
  const auto other = folder_ / "other.tokens.h5";
  fs::copy_file(kData / "cardiac_diff_day2.h5ad", other);
  EXPECT_EQ(TokenizedCells::open(other).error().id, "E-TOK-002");
}

}  // namespace
}  // namespace cw
