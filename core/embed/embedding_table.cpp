// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/embedding_table.h"

#include "core/embed/embedding_summary.h"
#include "core/io/h5ad_writer.h"
#include "core/io/table_writers.h"

#include <string>
#include <vector>

namespace cw {
namespace {

/// The published layout: unnamed row number or Ensembl id, columns 0 .. D - 1, labels (geneformer-behaviour 5.6).
Result<> write_embedding_csv(const EmbedOptions& options, const EmbeddingTable& table, bool of_genes) {
  std::vector<Column> columns;
  if (of_genes) {
    columns.push_back(Column::of_strings("", table.rows.index));
  } else {
    std::vector<std::int64_t> numbers(table.rows.index.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
    columns.push_back(Column::of_integers("", std::move(numbers)));
  }
  const auto width = static_cast<std::size_t>(table.values.num_columns);
  for (std::size_t k = 0; k < width; ++k) {
    std::vector<double> values;
    values.reserve(table.rows.index.size());
    for (std::size_t row = 0; row < table.rows.index.size(); ++row) {
      values.push_back(static_cast<double>(table.values.values[row * width + k]));
    }
    columns.push_back(Column::of_reals(std::to_string(k), std::move(values)));
  }
  for (const auto& label : options.labels) {
    CW_ASSIGN(const Column* column, table.rows.require(label));
    columns.push_back(*column);
  }
  return write_csv(options.csv, columns, options.overwrite);
}

/// One row over all cells, "" where none was asked for.
std::vector<float> summary_of(const EmbedOptions& options, const DenseArray& values) {
  if (options.shards > 1) return {};
  if (options.summary == "mean") return column_means(values.values, values.num_columns);
  if (options.summary == "median") return column_medians(values.values, values.num_columns, options.match_upstream);
  return {};
}

}  // namespace

EmbeddingTable table_of_genes(GeneEmbeddings genes, const GeneNames& names_of) {
  EmbeddingTable table;
  const auto tokens = genes.tokens();
  std::vector<std::string> symbols;
  std::vector<std::int64_t> ids;
  table.rows.index_name = "ensembl_id";
  for (const std::int32_t token : tokens) {
    auto [ensembl_id, symbol] = names_of(token);
    table.rows.index.push_back(std::move(ensembl_id));
    symbols.push_back(std::move(symbol));
    ids.push_back(token);
  }
  table.rows.set(Column::of_strings("symbol", std::move(symbols)));
  table.rows.set(Column::of_integers("token", std::move(ids)));
  table.rows.set(Column::of_integers("n_cells", genes.num_cells()));
  table.values = {static_cast<std::int64_t>(tokens.size()), genes.width(), genes.means()};
  table.genes = std::move(genes);
  return table;
}

Result<Json> write_embedding(const EmbedOptions& options, EmbeddingTable table, const Json& provenance,
                             JobContext& ctx) {
  const bool of_genes = provenance.at("mode") == "gene";
  Json summary{{"cells", provenance.at("cells")},
               {"rows", table.values.num_rows},
               {"width", table.values.num_columns},
               {"mode", provenance.at("mode")},
               {"layer", provenance.at("layer")}};
  if (!options.csv.empty()) {
    if (!options.all_occurrences) CW_TRY(write_embedding_csv(options, table, of_genes));
    summary["csv"] = options.csv;
  }
  if (options.output.empty()) return summary;
  const auto over_cells = summary_of(options, table.values);
  H5adContent content;
  content.cells = std::move(table.rows);
  content.embeddings.emplace_back(kEmbeddingName, std::move(table.values));
  if (of_genes && options.shards > 1) {
    for (auto& [name, piece] : table.genes.sums()) content.embeddings.emplace_back(name, std::move(piece));
  }
  content.uns[kRecordName] = provenance.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!over_cells.empty()) content.uns["cellwright_" + options.summary] = over_cells;
  CW_TRY(write_h5ad(options.output, content, options.overwrite, ctx));
  summary["output"] = options.output;
  return summary;
}

}  // namespace cw
