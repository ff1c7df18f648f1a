// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/cell_baselines.h"

#include "core/embed/embed_cells.h"
#include "core/evaluate/baselines.h"
#include "core/maps/count_matrix.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/token_file.h"

#include <map>
#include <numeric>
#include <optional>

namespace cw {
namespace {

constexpr std::int64_t kTokensPerBatch = 8192;

Result<FeatureMatrix> frozen_embedding(const FinetuneInputs& inputs, JobContext& ctx) {
  const Encoder& encoder = *inputs.model.encoder;
  CW_ASSIGN(const int layer, layer_index(encoder.config(), "second-to-last"));
  std::vector<std::int64_t> rows(static_cast<std::size_t>(inputs.cells.num_cells()));
  std::iota(rows.begin(), rows.end(), 0);
  FeatureMatrix features;
  features.name = "frozen embedding";
  features.num_rows = inputs.cells.num_cells();
  features.num_columns = encoder.config().hidden;
  CW_ASSIGN(features.values, embed_cells(encoder, inputs.cells, rows, layer, inputs.cells.has_special_tokens(),
                                         kTokensPerBatch, "Embedding cells for the baselines", ctx));
  return features;
}

// Rows of `matrix` with the names of the cells, in their order; nothing where one is missing or there twice.
std::optional<std::vector<std::int64_t>> rows_by_name(const std::vector<std::string>& names, const Table& cells) {
  std::map<std::string_view, std::int64_t> row_of;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!row_of.emplace(names[i], static_cast<std::int64_t>(i)).second) return std::nullopt;
  }
  std::vector<std::int64_t> rows;
  for (const std::string& name : cells.index) {
    const auto found = row_of.find(name);
    if (found == row_of.end()) return std::nullopt;
    rows.push_back(found->second);
  }
  return rows;
}

CountMatrix take_cells(const CountMatrix& matrix, const std::vector<std::int64_t>& rows) {
  CountMatrix taken;
  taken.where = matrix.where;
  taken.genes = matrix.genes;
  for (const std::int64_t row : rows) {
    const auto begin = static_cast<std::ptrdiff_t>(matrix.offsets[static_cast<std::size_t>(row)]);
    const auto end = static_cast<std::ptrdiff_t>(matrix.offsets[static_cast<std::size_t>(row) + 1]);
    taken.columns.insert(taken.columns.end(), matrix.columns.begin() + begin, matrix.columns.begin() + end);
    taken.counts.insert(taken.counts.end(), matrix.counts.begin() + begin, matrix.counts.begin() + end);
    taken.logs.insert(taken.logs.end(), matrix.logs.begin() + begin, matrix.logs.begin() + end);
    taken.offsets.push_back(taken.columns.size());
    taken.totals.push_back(matrix.totals[static_cast<std::size_t>(row)]);
  }
  return taken;
}

Result<std::optional<CountMatrix>> counts_of(const FinetuneCellsOptions& options, const FinetuneInputs& inputs,
                                             JobContext& ctx) {
  std::string path = options.counts;
  if (path.empty()) {
    const bool has_counts = !is_token_file(options.input) && data_formats().token_reader_for(options.input) == nullptr;
    if (!has_counts) return std::optional<CountMatrix>();
    path = options.input;
  }
  CW_ASSIGN(const auto reader, data_formats().open_dataset(path));
  CW_ASSIGN(const std::vector<std::string> names, reader->cell_names());
  auto rows = rows_by_name(names, inputs.cells.cells());
  // Names that repeat say nothing, but the rows of the very file that was tokenized are known.
  if (!rows && options.counts.empty() && inputs.rows.size() == names.size()) rows = inputs.rows;
  if (!rows) {
    ctx.warn("W-FIN-003", path + ": its cells are not those of " + options.input +
                              " by name, so there are no baselines on expression; name the file that was tokenized "
                              "with --counts");
    return std::optional<CountMatrix>();
  }
  CW_ASSIGN(const CountMatrix all, read_count_matrix(*reader, "auto", ctx));
  return std::optional<CountMatrix>(take_cells(all, *rows));
}

}  // namespace

Result<std::vector<FeatureMatrix>> baseline_features(const FinetuneCellsOptions& options, const FinetuneInputs& inputs,
                                                     const Split& split, JobContext& ctx) {
  std::vector<FeatureMatrix> features;
  JobContext embedding = ctx.slice(0.0, 0.5);
  CW_ASSIGN(FeatureMatrix frozen, frozen_embedding(inputs, embedding));
  features.push_back(std::move(frozen));
  JobContext reading = ctx.slice(0.5, 0.7);
  CW_ASSIGN(const auto counts, counts_of(options, inputs, reading));
  if (counts) {
    JobContext fitting = ctx.slice(0.7, 1.0);
    ExpressionOptions expression;
    expression.seed = options.seed;
    expression.num_threads = options.num_threads;
    CW_ASSIGN(FeatureMatrix pca, expression_features(*counts, split.rows(Part::kTrain), expression, fitting));
    features.push_back(std::move(pca));
  }
  return features;
}

Result<std::vector<ComparedModel>> cell_baselines(const FinetuneCellsOptions& options, const FinetuneInputs& inputs,
                                                  const LabelledSplit& labelled, JobContext& ctx) {
  JobContext reading = ctx.slice(0.0, 0.8);
  CW_ASSIGN(const auto features, baseline_features(options, inputs, labelled.split, reading));
  JobContext fitting = ctx.slice(0.8, 1.0);
  BaselineOptions baseline_options;
  baseline_options.seed = options.seed;
  baseline_options.num_threads = options.num_threads;
  CW_ASSIGN(std::vector<BaselineResult> results,
            run_baselines(labelled.design, labelled.split, features, baseline_options, fitting));
  std::vector<ComparedModel> models;
  for (BaselineResult& result : results) {
    models.push_back({std::string(name_of(result.baseline)), result.features, std::move(result.predictions)});
  }
  return models;
}

}  // namespace cw
