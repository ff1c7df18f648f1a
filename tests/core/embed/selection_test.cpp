// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/embed/cell_selection.h"
#include "core/embed/embedding_summary.h"
#include "core/embed/gene_embeddings.h"
#include "core/embed/open_inputs.h"
#include "core/embed/pretraining_data.h"
#include "core/weights/model_tools.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cw {
namespace {

using Rows = std::vector<std::int64_t>;

TokenizedCells some_cells() {
  std::vector<std::vector<std::int32_t>> lists;
  Table table;
  std::vector<std::string> type;
  for (int i = 0; i < 10; ++i) {
    lists.emplace_back(static_cast<std::size_t>(i == 4 ? 0 : 3 + (i * 7) % 5), 5);
    table.index.push_back("c" + std::to_string(i));
    type.push_back(i % 2 == 0 ? "even" : "odd");
  }
  table.set(Column::of_strings("type", type));
  return TokenizedCells::from_memory(lists, table, {});
}

TEST(CellSelectionTest, filtersKeepInputOrderAndLeaveOutEmptyCells) {
  JobContext ctx;
  EXPECT_EQ(*filter_cells(some_cells(), {{"type", {"even"}}}, ctx), (Rows{0, 2, 6, 8}));
  EXPECT_EQ(filter_cells(some_cells(), {{"type", {"none"}}}, ctx).error().id, "E-EMB-001");
  EXPECT_EQ(filter_cells(some_cells(), {{"no column", {"x"}}}, ctx).error().id, "E-DATA-001");
  const auto empty = TokenizedCells::from_memory({{}, {}}, {}, {});
  EXPECT_EQ(filter_cells(empty, {}, ctx).error().id, "E-EMB-002");
}

TEST(CellSelectionTest, samplesAreSeededAndInInputOrder) {
  JobContext ctx;
  const TokenizedCells cells = some_cells();
  const Rows rows = {0, 1, 2, 3, 5, 6, 7, 8, 9};
  EXPECT_EQ(sample_cells(cells, rows, 0, 1, false, ctx), rows);
  EXPECT_EQ(sample_cells(cells, rows, 9, 1, false, ctx), rows);
  const Rows sample = sample_cells(cells, rows, 4, 1, false, ctx);
  EXPECT_EQ(sample.size(), 4U);
  EXPECT_TRUE(std::is_sorted(sample.begin(), sample.end()));
  EXPECT_EQ(sample_cells(cells, rows, 4, 1, false, ctx), sample);
}

TEST(CellSelectionTest, matchUpstreamTakesThePermutationThenTheLongest) {
  JobContext ctx;
  const TokenizedCells cells = some_cells();
  const Rows rows = {0, 1, 2, 3, 5, 6, 7, 8, 9};
  // permutation(9) with seed 42, first 3, stable by length
  const auto order = numpy_permutation(42, 9);
  Rows expected;
  for (int i = 0; i < 3; ++i) expected.push_back(rows[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
  std::stable_sort(expected.begin(), expected.end(),
                   [&](std::int64_t a, std::int64_t b) { return cells.length(a) > cells.length(b); });
  EXPECT_EQ(sample_cells(cells, rows, 3, 7, true, ctx), expected);
  const Rows all = sample_cells(cells, rows, 0, 7, true, ctx);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GE(cells.length(all[i - 1]), cells.length(all[i]));
}

TEST(EmbeddingSummaryTest, mediansAreExact) {
  const std::vector<float> values = {1, 10, 2, 20, 3, 30, 9, 40};
  EXPECT_EQ(column_means(values, 2), (std::vector<float>{3.75F, 25.0F}));
  EXPECT_EQ(column_medians(values, 2, false), (std::vector<float>{2.5F, 25.0F}));
  EXPECT_EQ(column_medians(values, 2, true), (std::vector<float>{2.0F, 20.0F}));
}

TEST(GeneEmbeddingsTest, aGeneIsAveragedOverItsCells) {
  GeneEmbeddings genes(2);
  const std::vector<std::int32_t> first = {7, 5};
  const std::vector<std::int32_t> second = {5};
  const std::vector<float> a = {1, 2, 3, 4};
  const std::vector<float> b = {5, 8};
  genes.add({0, first, a.data()});
  genes.add({1, second, b.data()});
  EXPECT_EQ(genes.tokens(), (std::vector<std::int32_t>{5, 7}));
  EXPECT_EQ(genes.means(), (std::vector<float>{4, 6, 1, 2}));
  EXPECT_EQ(genes.num_cells(), (std::vector<std::int64_t>{2, 1}));
}

TEST(ProvenanceTest, DataThatTheModelWasTrainedOnAreRecognisedByTheirChecksum) {
  const auto cells_from = [](const Json& source) {
    TokensInfo info;
    info.source = source;
    return TokenizedCells::from_memory({{5, 6}}, {}, info);
  };
  const auto dictionary = Dictionary::load("v1");
  ASSERT_TRUE(dictionary.ok());
  const auto seen = [&](const Json& cellwright, const Json& source) {
    return seen_in_pretraining(cellwright, {}, **dictionary, cells_from(source)).seen;
  };
  Json trained = {{"corpus", {{"source", {{"files", {{{"path", "a.h5ad"}, {"sha256", "aa"}}}}}}}}};
  const Json same = {{"files", {{{"path", "renamed.h5ad"}, {"sha256", "aa"}}}}};
  const Json other = {{"files", {{{"path", "a.h5ad"}, {"sha256", "bb"}}}}};
  EXPECT_EQ(seen(trained, same), std::optional(true));
  EXPECT_EQ(seen(trained, other), std::optional(false));
  EXPECT_EQ(seen(trained, Json()), std::nullopt);
  EXPECT_EQ(seen(nullptr, same), std::nullopt);
  trained["initial_model"] = "cc";
  EXPECT_EQ(seen(trained, same), std::optional(true));
  EXPECT_EQ(seen(trained, other), std::nullopt) << "what the model learned before is not listed";
}

TEST(ProvenanceTest, StudiesInTheCorporaOfPublishedModelsAreRecognised) {
  const auto dictionary = Dictionary::load("v1");
  ASSERT_TRUE(dictionary.ok());
  auto config = model_preset("v1-10m");
  ASSERT_TRUE(config.ok());
  config->vocab_size = (*dictionary)->num_tokens();
  const auto seen_of = [&](const Json& cellwright, const std::string& path, const Table& columns = {}) {
    TokensInfo info;
    info.source = {{"files", {{{"path", path}}}}};
    return seen_in_pretraining(cellwright, *config, **dictionary,
                               TokenizedCells::from_memory({{5, 6}, {6, 5}}, columns, info));
  };
  for (const char* path : {"data/GSE96583_batch2.h5ad", "kang_pbmc.h5ad", "Kang-2018/cells.h5ad", "10x/pbmc3k.h5ad"}) {
    const auto known = seen_of(nullptr, path);
    EXPECT_EQ(known.seen, std::optional(true)) << path;
    EXPECT_NE(known.because.find("Genecorpus-30M"), std::string::npos) << known.because;
  }
  EXPECT_EQ(seen_of(nullptr, "my_cells.h5ad").seen, std::nullopt);
  EXPECT_NE(seen_of(nullptr, "my_cells.h5ad").because.find("not known whether"), std::string::npos);
  Table columns;
  columns.index = {"a", "b"};
  columns.set(Column::of_strings("study", {"own", "GSE96583"}));
  EXPECT_EQ(seen_of(nullptr, "my_cells.h5ad", columns).seen, std::optional(true));
  EXPECT_EQ(seen_of({{"format", "cellwright-model"}}, "kang_pbmc.h5ad").seen, std::nullopt) << "trained elsewhere";
  EXPECT_EQ(seen_of({{"corpus", {{"name", "Genecorpus-30M"}}}}, "kang_pbmc.h5ad").seen, std::optional(true));
  config->layers = 5;
  EXPECT_EQ(seen_of(nullptr, "kang_pbmc.h5ad").seen, std::nullopt) << "no published model has these sizes";
}

}  // namespace
}  // namespace cw
