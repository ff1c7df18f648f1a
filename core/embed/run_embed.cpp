// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/run_embed.h"

#include "core/api/shard.h"
#include "core/base/output_check.h"
#include "core/embed/cell_selection.h"
#include "core/embed/embed_cells.h"
#include "core/embed/embedding_table.h"
#include "core/embed/gene_embeddings.h"
#include "core/embed/occurrence_table.h"
#include "core/embed/open_inputs.h"

#include <numeric>
#include <optional>

namespace cw {
namespace {

/// The columns as the file of the whole run has them: a text column with missing values is written as a categorical,
/// whose categories no part could know.
void settle_columns(Table& table) {
  for (Column& column : table.columns) {
    if (column.kind == ColumnKind::kString && column.num_missing() > 0) column = as_categorical(column);
  }
}

/// Operations of a cell up to a factor: projections, feed forward and attention.
double work_of(std::int64_t length, const ModelConfig& config) {
  return static_cast<double>(length) * static_cast<double>(2 * config.hidden + config.ffn + length);
}

/// Everything that is settled before the model runs.
struct Job {
  OpenModel model;
  TokenizedCells cells;
  std::vector<std::int64_t> rows;  ///< of this part
  Table table;                     ///< of these rows, except with mode "gene"
  std::string mode;
  int layer = 0;
};

void take_part(const EmbedOptions& options, Job& job) {
  if (job.mode != "gene") job.table = job.cells.cells().take(job.rows);
  if (options.shards == 1) return;
  std::vector<double> work;
  for (const std::int64_t row : job.rows) {
    work.push_back(work_of(job.cells.length(row), job.model.encoder->config()));
  }
  const auto [begin, end] = range_of_shard(work, options.shard, options.shards);
  settle_columns(job.table);
  std::vector<std::int64_t> places(end - begin);
  std::iota(places.begin(), places.end(), static_cast<std::int64_t>(begin));
  if (job.mode != "gene") job.table = job.table.take(places);
  job.rows = {job.rows.begin() + static_cast<std::ptrdiff_t>(begin),
              job.rows.begin() + static_cast<std::ptrdiff_t>(end)};
}

Result<Job> prepare(const EmbedOptions& options, JobContext& ctx) {
  Job job;
  EncoderOptions encoder_options;
  CW_ASSIGN(encoder_options.precision, precision_from_name(options.precision));
  encoder_options.num_threads = options.num_threads;
  encoder_options.device = options.device;
  CW_ASSIGN(job.model, open_model(options.model, options.dictionary, encoder_options));
  CW_ASSIGN(job.layer, layer_index(job.model.encoder->config(), options.layer));
  CW_ASSIGN(job.cells, open_cells(options.input, job.model, options.num_threads, ctx));
  CW_ASSIGN(job.mode, choose_mode(options.mode, job.cells));
  const Table rows_of_genes = table_of_genes(GeneEmbeddings(0), {}).rows;
  const Table& rows = job.mode == "gene" ? rows_of_genes : job.cells.cells();
  for (const auto& label : options.labels) {
    CW_ASSIGN([[maybe_unused]] const Column* found, rows.require(label));
  }
  CW_ASSIGN(job.rows, filter_cells(job.cells, options.filter, ctx));
  job.rows = sample_cells(job.cells, job.rows, options.max_cells, options.seed, options.match_upstream, ctx);
  take_part(options, job);
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
  const Dictionary& dictionary = *job.model.dictionary;
  return table_of_genes(std::move(genes), [&](std::int32_t token) {
    return std::pair{dictionary.ensembl_id(token), dictionary.symbol(token)};
  });
}

Result<EmbeddingTable> embed_job_cells(const EmbedOptions& options, Job& job, JobContext& ctx) {
  const std::int64_t width = job.model.encoder->config().hidden;
  EmbeddingTable table;
  CW_ASSIGN(std::vector<float> values,
            embed_cells(*job.model.encoder, job.cells, job.rows, job.layer, job.mode == "cls", options.tokens_per_batch,
                        "Embedding cells", ctx));
  table.rows = std::move(job.table);
  table.values = {static_cast<std::int64_t>(job.rows.size()), width, std::move(values)};
  return table;
}

}  // namespace

Result<Json> run_embed(const EmbedOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  CW_TRY(require_writable(options.output, options.overwrite));
  CW_TRY(require_writable(options.csv, options.overwrite));
  CW_ASSIGN(Job job, prepare(options, ctx));
  const bool of_genes = job.mode == "gene";
  CW_ASSIGN(EmbeddingTable table, of_genes ? embed_genes(options, job, ctx) : embed_job_cells(options, job, ctx));
  Json asked = to_json(options);
  drop_whole_shard(asked);
  Json provenance = provenance_of("embed", job.model, job.cells, asked);
  provenance["mode"] = job.mode;
  provenance["layer"] = job.layer;
  provenance["cells"] = job.rows.size();
  return write_embedding(options, std::move(table), provenance, ctx);
}

}  // namespace cw
