// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/cell_judgement.h"

#include "core/io/table_writers.h"
#include "core/train/cell_baselines.h"

namespace cw {
namespace {

namespace fs = std::filesystem;

Predictions predictions_at(const std::vector<std::int64_t>& rows, std::vector<double> logits, const SplitDesign& design,
                           const Table& cells) {
  Predictions predictions;
  predictions.classes = design.classes;
  predictions.scores = std::move(logits);
  predictions.group_names = design.group_names;
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    predictions.truth.push_back(design.labels[i]);
    if (design.by_group()) predictions.groups.push_back(design.groups[i]);
    predictions.names.push_back(cells.index[i]);
  }
  to_probabilities(predictions);
  return predictions;
}

Result<> write_predictions(const fs::path& path, const Predictions& p) {
  std::vector<Column> columns;
  columns.push_back(Column::of_strings("cell", p.names));
  columns.push_back(Column::of_codes("true", p.truth, p.classes));
  std::vector<std::int32_t> predicted;
  for (std::int64_t i = 0; i < p.num_rows(); ++i) predicted.push_back(p.predicted(i));
  columns.push_back(Column::of_codes("predicted", std::move(predicted), p.classes));
  for (std::int64_t c = 0; c < p.num_classes(); ++c) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < p.num_rows(); ++i) values.push_back(p.row(i)[c]);
    columns.push_back(Column::of_reals("p_" + p.classes[static_cast<std::size_t>(c)], std::move(values)));
  }
  if (!p.groups.empty()) columns.push_back(Column::of_codes("donor", p.groups, p.group_names));
  return write_csv(path, columns, true);
}

}  // namespace

Result<Json> judge_cells(const FinetuneCellsOptions& options, const FinetuneInputs& inputs,
                         const LabelledSplit& labelled, std::vector<double> logits, const fs::path& folder,
                         JobContext& ctx) {
  Predictions tested =
      predictions_at(labelled.split.rows(Part::kTest), std::move(logits), labelled.design, inputs.cells.cells());
  CW_TRY(write_predictions(folder / "predictions.csv", tested));
  IntervalOptions intervals;
  intervals.seed = options.seed;
  intervals.num_threads = options.num_threads;
  std::vector<ComparedModel> models;
  models.push_back({"fine-tuned", "tokens", std::move(tested)});
  if (!options.baselines) {
    CW_ASSIGN(const ModelScores scores, score_model(models[0].predictions, intervals, ctx));
    return Json{{"accuracy", scores.scores[Metric::kAccuracy]}, {"macro_f1", scores.scores[Metric::kMacroF1]}};
  }
  CW_ASSIGN(std::vector<ComparedModel> others, cell_baselines(options, inputs, labelled, ctx));
  for (ComparedModel& model : others) models.push_back(std::move(model));
  CW_ASSIGN(const Comparison comparison, compare_models(models, intervals, ctx));
  CW_TRY(write_csv(folder / "comparison.csv", comparison_table(comparison), true));
  CW_TRY(write_json(folder / "evaluation.json", to_json(comparison)));
  const Scores& own = comparison.scores[0].scores;
  Json table = Json::array();
  for (std::size_t i = 0; i < comparison.models.size(); ++i) {
    table.push_back({{"model", comparison.models[i]},
                     {"features", comparison.features[i]},
                     {"accuracy", comparison.scores[i].scores[Metric::kAccuracy]},
                     {"macro_f1", comparison.scores[i].scores[Metric::kMacroF1]}});
  }
  return Json{{"accuracy", own[Metric::kAccuracy]},
              {"macro_f1", own[Metric::kMacroF1]},
              {"comparison", std::move(table)},
              {"verdict", comparison.verdict}};
}

}  // namespace cw
