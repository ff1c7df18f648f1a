// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/run_embed.h"

#include "core/base/output_check.h"
#include "core/embed/cell_selection.h"
#include "core/embed/embed_cells.h"
#include "core/embed/embedding_summary.h"
#include "core/embed/gene_embeddings.h"
#include "core/embed/occurrence_table.h"
#include "core/embed/open_inputs.h"
#include "core/io/h5ad_writer.h"
#include "core/io/table_writers.h"

#include <optional>

namespace cw {
namespace {

/// Rows of an embedding with their names and what is known of each.
struct EmbeddingTable {
  Table rows;
  DenseArray values;
  std::vector<float> summary;  ///< [D] or empty
};

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

EmbeddingTable gene_table(const GeneEmbeddings& genes, const Dictionary& dictionary, std::int64_t width) {
  EmbeddingTable table;
  const auto tokens = genes.tokens();
  std::vector<std::string> symbols;
  std::vector<std::int64_t> ids;
  table.rows.index_name = "ensembl_id";
  for (const std::int32_t token : tokens) {
    table.rows.index.push_back(dictionary.ensembl_id(token));
    symbols.push_back(dictionary.symbol(token));
    ids.push_back(token);
  }
  table.rows.set(Column::of_strings("symbol", std::move(symbols)));
  table.rows.set(Column::of_integers("token", std::move(ids)));
  table.rows.set(Column::of_integers("n_cells", genes.num_cells()));
  table.values = {static_cast<std::int64_t>(tokens.size()), width, genes.means()};
  return table;
}

/// Everything that is settled before the model runs.
struct Job {
  OpenModel model;
  TokenizedCells cells;
  std::vector<std::int64_t> rows;
  std::string mode;
  int layer = 0;
};

Result<Job> prepare(const EmbedOptions& options, JobContext& ctx) {
  Job job;
  EncoderOptions encoder_options;
  CW_ASSIGN(encoder_options.precision, precision_from_name(options.precision));
  encoder_options.num_threads = options.num_threads;
  CW_ASSIGN(job.model, open_model(options.model, options.dictionary, encoder_options));
  CW_ASSIGN(job.layer, layer_index(job.model.encoder->config(), options.layer));
  CW_ASSIGN(job.cells, open_cells(options.input, job.model, options.num_threads, ctx));
  CW_ASSIGN(job.mode, choose_mode(options.mode, job.cells));
  for (const auto& label : options.labels) {
    CW_ASSIGN([[maybe_unused]] const Column* found, job.cells.cells().require(label));
  }
  CW_ASSIGN(job.rows, filter_cells(job.cells, options.filter, ctx));
  job.rows = sample_cells(job.cells, job.rows, options.max_cells, options.seed, options.match_upstream, ctx);
  return job;
}

Result<EmbeddingTable> embed_genes(const EmbedOptions& options, const Job& job, JobContext& ctx) {
  const std::int64_t width = job.model.encoder->config().hidden;
  GeneEmbeddings genes(width);
  std::optional<OccurrenceTable> occurrences;
  if (options.all_occurrences) {
    CW_ASSIGN(occurrences, OccurrenceTable::create(options.csv, width, options.overwrite));
  }
  CW_TRY(for_each_cell(*job.model.encoder, job.cells, job.rows, job.layer, false, options.tokens_per_batch,
                       "Embedding genes", ctx, [&](const CellStates& cell) {
                         genes.add(cell);
                         if (!occurrences) return;
                         const auto row = static_cast<std::size_t>(job.rows[static_cast<std::size_t>(cell.index)]);
                         occurrences->add(cell, job.cells.cells().index[row], *job.model.dictionary);
                       }));
  if (occurrences) CW_TRY(occurrences->finish());
  return gene_table(genes, *job.model.dictionary, width);
}

Result<EmbeddingTable> embed_job_cells(const EmbedOptions& options, const Job& job, JobContext& ctx) {
  const std::int64_t width = job.model.encoder->config().hidden;
  EmbeddingTable table;
  CW_ASSIGN(std::vector<float> values,
            embed_cells(*job.model.encoder, job.cells, job.rows, job.layer, job.mode == "cls", options.tokens_per_batch,
                        "Embedding cells", ctx));
  if (options.summary == "mean") table.summary = column_means(values, width);
  if (options.summary == "median") table.summary = column_medians(values, width, options.match_upstream);
  table.rows = job.cells.cells().take(job.rows);
  table.values = {static_cast<std::int64_t>(job.rows.size()), width, std::move(values)};
  return table;
}

}  // namespace

Result<Json> run_embed(const EmbedOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  CW_TRY(require_writable(options.output, options.overwrite));
  CW_TRY(require_writable(options.csv, options.overwrite));
  CW_ASSIGN(const Job job, prepare(options, ctx));
  const bool of_genes = job.mode == "gene";
  CW_ASSIGN(EmbeddingTable table, of_genes ? embed_genes(options, job, ctx) : embed_job_cells(options, job, ctx));
  Json summary{{"cells", job.rows.size()},
               {"rows", table.values.num_rows},
               {"width", table.values.num_columns},
               {"mode", job.mode},
               {"layer", job.layer}};
  if (!options.csv.empty()) {
    if (!options.all_occurrences) CW_TRY(write_embedding_csv(options, table, of_genes));
    summary["csv"] = options.csv;
  }
  if (options.output.empty()) return summary;
  Json provenance = provenance_of("embed", job.model, job.cells, to_json(options));
  provenance["mode"] = job.mode;
  provenance["layer"] = job.layer;
  provenance["cells"] = job.rows.size();
  H5adContent content;
  content.cells = std::move(table.rows);
  content.embeddings.emplace_back("X_cellwright", std::move(table.values));
  content.uns["cellwright"] = provenance.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!table.summary.empty()) content.uns["cellwright_" + options.summary] = table.summary;
  CW_TRY(write_h5ad(options.output, content, options.overwrite, ctx));
  summary["output"] = options.output;
  return summary;
}

}  // namespace cw
