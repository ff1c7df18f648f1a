// SPDX-License-Identifier: GPL-3.0-or-later
// Writes an invented data set: make_cells FILE.h5ad CELLS. Twenty clouds on a map, raw counts of 2,000 genes (24 a
// cell, those of its cloud more often), ten columns of the cells. For what is measured and tested with a million cells.
#include "core/io/h5ad_writer.h"
#include "core/tokenize/dictionary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace cw {
namespace {

constexpr std::int64_t kGenes = 2000;
constexpr std::size_t kGenesPerCell = 24;
constexpr int kClouds = 20;

Table cell_table(std::int64_t cells, const std::vector<std::int32_t>& cloud) {
  Table table;
  table.index_name = "cell";
  for (std::int64_t i = 0; i < cells; ++i) table.index.push_back("cell-" + std::to_string(i));
  std::vector<std::string> clouds;
  for (int i = 0; i < kClouds; ++i) clouds.push_back("type " + std::to_string(i + 1));
  table.columns.push_back(Column::of_codes("cell_type", cloud, clouds));
  std::vector<std::int32_t> donor, condition;
  for (std::int64_t i = 0; i < cells; ++i) {
    donor.push_back(static_cast<std::int32_t>(i % 8));
    condition.push_back(static_cast<std::int32_t>(i / 8 % 2));
  }
  table.columns.push_back(Column::of_codes("donor", donor, {"D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8"}));
  table.columns.push_back(Column::of_codes("condition", condition, {"ctrl", "stim"}));
  std::mt19937 random(7);
  std::uniform_real_distribution<double> score;
  for (int i = 1; i <= 7; ++i) {
    std::vector<double> values(static_cast<std::size_t>(cells));
    for (double& value : values) value = score(random);
    table.columns.push_back(Column::of_reals("score_" + std::to_string(i), std::move(values)));
  }
  return table;
}

Result<> make(const std::filesystem::path& file, std::int64_t cells) {
  CW_ASSIGN(const auto dictionary, Dictionary::load("v1"));
  H5adContent content;
  for (std::int32_t token = 0; content.genes.num_rows() < kGenes; ++token) {
    if (dictionary->is_gene(token)) content.genes.index.push_back(dictionary->ensembl_id(token));
  }
  std::mt19937 random(42);
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<std::uint32_t> any(0, kGenes - 1), near(0, 99), count(1, 9);
  std::vector<std::int32_t> cloud;
  CsrMatrix counts;
  counts.num_rows = cells;
  counts.num_columns = kGenes;
  DenseArray map;
  map.num_rows = cells;
  map.num_columns = 2;
  std::array<std::uint32_t, kGenesPerCell> genes{};
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    const auto one = static_cast<std::uint32_t>(cell % kClouds);
    cloud.push_back(static_cast<std::int32_t>(one));
    map.values.push_back(static_cast<float>(one % 5) * 3 + normal(random));
    map.values.push_back(static_cast<float>(one / 5) * 3 + normal(random));
    for (std::size_t i = 0; i < kGenesPerCell; ++i) genes[i] = i % 2 == 0 ? one * 100 + near(random) : any(random);
    std::sort(genes.begin(), genes.end());
    const auto end = std::unique(genes.begin(), genes.end());
    for (auto it = genes.begin(); it != end; ++it) {
      counts.columns.push_back(*it);
      counts.values.push_back(static_cast<float>(count(random)));
    }
    counts.offsets.push_back(counts.columns.size());
  }
  content.cells = cell_table(cells, cloud);
  content.x = std::move(counts);
  content.embeddings.emplace_back("X_umap", std::move(map));
  JobContext context;
  return write_h5ad(file, content, true, context);
}

}  // namespace
}  // namespace cw

int main(int argc, char** argv) {
  const std::int64_t cells = argc == 3 ? std::atoll(argv[2]) : 0;
  if (cells <= 0) {
    std::fprintf(stderr, "usage: make_cells FILE.h5ad CELLS\n");
    return 2;
  }
  const auto made = cw::make(argv[1], cells);
  if (!made) std::fprintf(stderr, "error %s\n", made.error().message.c_str());
  return made ? 0 : 3;
}
