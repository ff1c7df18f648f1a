// SPDX-License-Identifier: GPL-3.0-or-later
// Writes an h5ad of a million cells with a map, for the journey that opens it and for bench/window: make_million_cells
// FILE TOKENS.TSV [CELLS]. Twelve kinds of cells, each a cloud on the map with genes of its own; thirty counts per
// cell, ten columns of the cells; the same file at every call.
#include "core/io/h5ad_writer.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

namespace {

constexpr int kGenes = 2000;
constexpr int kCountsPerCell = 30;
constexpr int kKinds = 12;
constexpr int kDonors = 8;

std::vector<std::string> ensembl_ids(const char* tokens) {
  std::ifstream file(tokens);
  std::vector<std::string> ids;
  for (std::string line; std::getline(file, line) && std::ssize(ids) < kGenes;) {
    const auto begin = line.find("ENSG");
    if (begin != std::string::npos) ids.push_back(line.substr(begin, line.find('\t', begin) - begin));
  }
  return ids;
}

std::vector<std::string> numbered(const char* name, int count) {
  std::vector<std::string> names;
  for (int i = 1; i <= count; ++i) names.push_back(name + std::to_string(i));
  return names;
}

cw::H5adContent content(std::int64_t num_cells, std::vector<std::string> genes) {
  std::mt19937_64 random(42);
  std::normal_distribution<float> cloud(0.0F, 1.0F);
  std::vector<std::int32_t> kinds;
  std::vector<std::int32_t> donors;
  cw::H5adContent out;
  cw::CsrMatrix counts;
  counts.num_rows = num_cells;
  counts.num_columns = kGenes;
  cw::DenseArray map{num_cells, 2, {}};
  for (std::int64_t cell = 0; cell < num_cells; ++cell) {
    const auto kind = static_cast<std::int32_t>(random() % kKinds);
    out.cells.index.push_back("cell" + std::to_string(cell));
    kinds.push_back(kind);
    donors.push_back(static_cast<std::int32_t>(random() % kDonors));
    map.values.push_back(static_cast<float>(kind % 4) * 7.0F + cloud(random));
    map.values.push_back(static_cast<float>(kind / 4) * 7.0F + cloud(random));
    constexpr int kStep = kGenes / kCountsPerCell;
    for (int i = 0; i < kCountsPerCell; ++i) {
      counts.columns.push_back(
          static_cast<std::uint32_t>(i * kStep + (kind * 5 + static_cast<int>(random() % 6)) % kStep));
      counts.values.push_back(static_cast<float>(1 + random() % 9));
    }
    counts.offsets.push_back(counts.columns.size());
  }
  out.cells.columns = {cw::Column::of_codes("cell_type", std::move(kinds), numbered("kind ", kKinds)),
                       cw::Column::of_codes("donor", std::move(donors), numbered("donor ", kDonors))};
  for (int score = 1; score <= 8; ++score) {
    std::vector<double> values(static_cast<std::size_t>(num_cells));
    for (double& value : values) value = static_cast<double>(random() % 10'000) / 1e4;
    out.cells.columns.push_back(cw::Column::of_reals("score_" + std::to_string(score), std::move(values)));
  }
  out.genes.index = std::move(genes);
  out.x = std::move(counts);
  out.embeddings = {{"X_umap", std::move(map)}};
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  auto genes = ensembl_ids(argv[2]);
  if (std::ssize(genes) != kGenes) return 2;
  const std::int64_t cells = argc > 3 ? std::atoll(argv[3]) : 1'000'000;
  cw::JobContext context;
  const auto written = cw::write_h5ad(argv[1], content(cells, std::move(genes)), true, context);
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written ? 0 : 1;
}
