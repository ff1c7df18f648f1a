// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/data/dataset_reader.h"
#include "plugins/sdk/plugin.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace cw {

/// A host that keeps what a plugin registers, for tests of one plugin.
class TestHost : public PluginHost {
 public:
  explicit TestHost(Plugin& plugin) { EXPECT_TRUE(plugin.register_in(*this).ok()); }
  Result<> add_reader(std::unique_ptr<ReaderFactory> reader) override {
    readers.push_back(std::move(reader));
    return {};
  }
  Result<> add_token_reader(std::unique_ptr<TokenReaderFactory> reader) override {
    token_readers.push_back(std::move(reader));
    return {};
  }
  Result<> add_exporter(std::unique_ptr<TokenExporter> exporter) override {
    exporters.push_back(std::move(exporter));
    return {};
  }
  /// The reader that claims `path` most.
  const ReaderFactory& reader_for(const std::filesystem::path& path) const {
    const ReaderFactory* best = readers.front().get();
    for (const auto& reader : readers) best = reader->score(path) > best->score(path) ? reader.get() : best;
    return *best;
  }

  std::vector<std::unique_ptr<ReaderFactory>> readers;
  std::vector<std::unique_ptr<TokenReaderFactory>> token_readers;
  std::vector<std::unique_ptr<TokenExporter>> exporters;
};

/// All cells of a matrix, read in blocks of at most `max_cells`.
inline Result<CellBlock> read_all(DatasetReader& reader, std::string_view where, std::int64_t max_cells) {
  CW_ASSIGN(const std::unique_ptr<CellBlockReader> blocks, reader.open_matrix(where));
  CellBlock all;
  CellBlock block;
  for (;;) {
    CW_TRY(blocks->next(block, max_cells));
    if (block.num_cells() == 0) return all;
    EXPECT_EQ(block.first_cell, all.num_cells());
    EXPECT_LE(block.num_cells(), max_cells);
    for (std::int64_t i = 0; i < block.num_cells(); ++i) {
      const auto genes = block.genes_of(i);
      const auto values = block.values_of(i);
      all.genes.insert(all.genes.end(), genes.begin(), genes.end());
      all.values.insert(all.values.end(), values.begin(), values.end());
      all.offsets.push_back(all.genes.size());
    }
  }
}

inline double sum_of(const CellBlock& block, std::int64_t cell) {
  double sum = 0;
  for (const float value : block.values_of(cell)) sum += value;
  return sum;
}

/// Compares an open file with the facts that tests/data/tenx/make.py read off it.
inline void expect_facts(DatasetReader& reader, const Json& facts, std::int64_t max_cells) {
  const DatasetInfo& info = reader.info();
  EXPECT_EQ(info.num_cells, facts["cells"]);
  EXPECT_EQ(info.num_genes, facts["genes"]);
  const auto names = reader.cell_names();
  ASSERT_TRUE(names.ok()) << names.error().message;
  ASSERT_EQ(static_cast<std::int64_t>(names->size()), info.num_cells);
  for (std::size_t i = 0; i < facts["first_cells"].size(); ++i) EXPECT_EQ((*names)[i], facts["first_cells"][i]);
  EXPECT_EQ(names->back(), facts["last_cell"]);
  const auto genes = reader.genes("X");
  ASSERT_TRUE(genes.ok()) << genes.error().message;
  ASSERT_EQ(genes->num_rows(), info.num_genes);
  for (std::size_t i = 0; i < facts["first_genes"].size(); ++i) EXPECT_EQ(genes->index[i], facts["first_genes"][i]);
  EXPECT_EQ(genes->index.back(), facts["last_gene"]);
  for (const auto& column : genes->columns) EXPECT_EQ(column.size(), info.num_genes) << column.name;

  const auto counts = read_all(reader, "X", max_cells);
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  ASSERT_EQ(counts->num_cells(), info.num_cells);
  double sum = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < counts->genes.size(); ++i) {
    ASSERT_LT(counts->genes[i], static_cast<std::uint32_t>(info.num_genes));
    ASSERT_NE(counts->values[i], 0.0F);
    sum += counts->values[i];
    weighted += static_cast<double>(counts->values[i]) * (counts->genes[i] + 1);
  }
  EXPECT_EQ(sum, facts["sum"]);
  EXPECT_EQ(weighted, facts["gene_sums_weighted"]);
  EXPECT_EQ(static_cast<std::int64_t>(counts->genes.size()), facts["nonzero"]);
  for (std::size_t i = 0; i < facts["first_cell_sums"].size(); ++i) {
    EXPECT_EQ(sum_of(*counts, static_cast<std::int64_t>(i)), facts["first_cell_sums"][i]);
  }
  EXPECT_EQ(sum_of(*counts, info.num_cells - 1), facts["last_cell_sum"]);
}

/// `seek` must give the same cells as reading from the front.
inline void expect_seek_works(DatasetReader& reader) {
  const auto all = read_all(reader, "X", 1000);
  ASSERT_TRUE(all.ok());
  auto blocks = reader.open_matrix("X");
  ASSERT_TRUE(blocks.ok());
  CellBlock block;
  for (const std::int64_t cell : {all->num_cells() / 2, std::int64_t{1}, all->num_cells() - 1}) {
    ASSERT_TRUE((*blocks)->seek(cell).ok());
    ASSERT_TRUE((*blocks)->next(block, 1).ok());
    ASSERT_EQ(block.num_cells(), 1);
    EXPECT_EQ(block.first_cell, cell);
    const auto expected = all->genes_of(cell);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), block.genes.begin(), block.genes.end()));
  }
  ASSERT_TRUE((*blocks)->seek(all->num_cells()).ok());
  ASSERT_TRUE((*blocks)->next(block, 1).ok());
  EXPECT_EQ(block.num_cells(), 0);
}

}  // namespace cw
