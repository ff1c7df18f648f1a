// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/finetune_numbers.h"

#include "core/evaluate/number_comparison.h"
#include "core/evaluate/ridge.h"
#include "core/evaluate/split_report.h"
#include "core/io/table_writers.h"
#include "core/stats/descriptive.h"
#include "core/train/cell_baselines.h"
#include "core/train/cell_labels.h"
#include "core/train/class_model.h"
#include "core/train/finetune_training.h"
#include "core/train/number_objective.h"

#include <algorithm>
#include <filesystem>

namespace cw {
namespace {

namespace fs = std::filesystem;

struct Job {
  const FinetuneCellsOptions& options;
  FinetuneInputs inputs;
  LabelledSplit labelled;
  std::vector<double> values;  // [cells]
  NumberPlan plan;
  double lowest = 0.0, highest = 0.0;  // of the training cells
};

std::vector<double> values_at(const std::vector<double>& values, const std::vector<std::int64_t>& rows) {
  std::vector<double> taken;
  taken.reserve(rows.size());
  for (const std::int64_t row : rows) taken.push_back(values[static_cast<std::size_t>(row)]);
  return taken;
}

std::vector<std::int32_t> groups_at(const SplitDesign& design, const std::vector<std::int64_t>& rows) {
  std::vector<std::int32_t> taken;
  for (const std::int64_t row : rows) {
    if (design.by_group()) taken.push_back(design.groups[static_cast<std::size_t>(row)]);
  }
  return taken;
}

Result<> take_scale(Job& job) {
  const std::vector<double> training = values_at(job.values, job.labelled.split.rows(Part::kTrain));
  const auto [lowest, highest] = std::minmax_element(training.begin(), training.end());
  if (training.empty() || *lowest == *highest) {
    return Error{
        ErrorCode::kRefused, "E-FIN-012",
        "column '" + job.options.label + "': " +
            (training.empty() ? std::string("no cell is left to train on")
                              : "all " + std::to_string(training.size()) + " training cells have the same number") +
            ", so there is nothing to learn; choose another --label, --group or --split"};
  }
  job.lowest = *lowest;
  job.highest = *highest;
  job.plan.scale = {mean(training), population_sd(training)};
  return {};
}

Result<Job> prepare(const FinetuneCellsOptions& options, JobContext& ctx) {
  Job job{options, {}, {}, {}, {}};
  CW_ASSIGN(job.inputs, open_finetune_inputs(options, ctx));
  CW_TRY(keep_numbered_cells(options, job.inputs, ctx));
  CW_ASSIGN(job.labelled, split_labelled_cells(options, job.inputs, ctx));
  CW_ASSIGN(const Column* column, job.inputs.cells.cells().require(options.label));
  CW_ASSIGN(job.values, numbers_of(*column));
  CW_TRY(take_scale(job));
  job.plan.config =
      classifier_config(options, job.inputs.model.encoder->config(), kCellClassifier, {options.label}, options.pooling);
  job.plan.loss = options.number_loss == "huber" ? NumberLoss::kHuber : NumberLoss::kSquared;
  job.plan.metric = metric_of(to_json(options));
  job.plan.tokens_per_batch = options.tokens_per_batch;
  job.plan.num_threads = options.num_threads;
  return job;
}

Result<> write_predictions(const Job& job, const std::vector<std::int64_t>& test,
                           const std::vector<double>& predicted) {
  const SplitDesign& design = job.labelled.design;
  std::vector<std::string> names;
  for (const std::int64_t row : test) names.push_back(job.inputs.cells.cells().index[static_cast<std::size_t>(row)]);
  std::vector<Column> columns;
  columns.push_back(Column::of_strings("cell", std::move(names)));
  columns.push_back(Column::of_reals("true", values_at(job.values, test)));
  columns.push_back(Column::of_reals("predicted", predicted));
  if (design.by_group()) columns.push_back(Column::of_codes("donor", groups_at(design, test), design.group_names));
  return write_csv(fs::path(job.options.output) / "predictions.csv", columns, true);
}

// The mean of the training cells, then ridge regression on each of the features, for the test cells.
Result<std::vector<NumberModel>> number_baselines(const Job& job, const std::vector<std::int64_t>& test,
                                                  JobContext& ctx) {
  JobContext reading = ctx.slice(0.0, 0.7);
  CW_ASSIGN(const auto features, baseline_features(job.options, job.inputs, job.labelled.split, reading));
  const std::vector<std::int64_t> train = job.labelled.split.rows(Part::kTrain);
  std::vector<NumberModel> models;
  models.push_back({"mean", "", std::vector<double>(test.size(), job.plan.scale.mean)});
  JobContext fitting = ctx.slice(0.7, 1.0);
  for (const FeatureMatrix& matrix : features) {
    CW_ASSIGN(RidgeFit fit, ridge_regression(matrix.view(), job.values, train, test, job.options.num_threads, fitting));
    models.push_back({"ridge-regression", matrix.name, std::move(fit.predicted)});
  }
  return models;
}

Json row_of(const std::string& model, const std::string& features, const Estimates& figures) {
  Json row{{"model", model}, {"features", features}};
  for (std::size_t m = 0; m < kNumberFigures.size(); ++m) row[std::string(kNumberFigures[m])] = figures.values[m];
  return row;
}

// Figures of the test cells, beside the simple models unless they are not wanted.
Result<Json> judge(const Job& job, const std::vector<std::int64_t>& test, std::vector<double> predicted,
                   JobContext& ctx) {
  const FinetuneCellsOptions& options = job.options;
  CW_TRY(write_predictions(job, test, predicted));
  const SplitDesign& design = job.labelled.design;
  const Replicates replicates = choose_replicates(groups_at(design, test), design.unit[1], {}, design.unit[0],
                                                  static_cast<std::int64_t>(test.size()));
  IntervalOptions intervals;
  intervals.seed = options.seed;
  intervals.num_threads = options.num_threads;
  const std::vector<double> truth = values_at(job.values, test);
  if (!options.baselines) {
    CW_ASSIGN(const Estimates figures, estimate_regression(truth, predicted, replicates, intervals, ctx));
    return row_of("fine-tuned", "tokens", figures);
  }
  std::vector<NumberModel> models;
  models.push_back({"fine-tuned", "tokens", std::move(predicted)});
  JobContext fitting = ctx.slice(0.0, 0.8);
  CW_ASSIGN(std::vector<NumberModel> others, number_baselines(job, test, fitting));
  for (NumberModel& model : others) models.push_back(std::move(model));
  JobContext comparing = ctx.slice(0.8, 1.0);
  CW_ASSIGN(const NumberComparison comparison, compare_number_models(truth, models, replicates, intervals, comparing));
  const fs::path out = options.output;
  CW_TRY(write_csv(out / "comparison.csv", comparison_table(comparison), true));
  CW_TRY(write_json(out / "evaluation.json", to_json(comparison)));
  Json result = row_of("fine-tuned", "tokens", comparison.figures[0]);
  result["comparison"] = Json::array();
  for (std::size_t i = 0; i < comparison.models.size(); ++i) {
    result["comparison"].push_back(row_of(comparison.models[i], comparison.features[i], comparison.figures[i]));
  }
  result["verdict"] = comparison.verdict;
  return result;
}

}  // namespace

Result<Json> finetune_numbers(const FinetuneCellsOptions& options, TrainingProcess& process, JobContext& ctx) {
  JobContext opening = ctx.slice(0.0, 0.05);
  CW_ASSIGN(const Job job, prepare(options, opening));
  if (process.writes()) CW_TRY(write_split(job.labelled, job.inputs, options.output));
  const ModelConfig& config = job.plan.config;
  CW_ASSIGN(Parameters parameters, process.allocate(classifier_parameters(config, options)));
  const CellNumbers objective(job.plan, job.inputs.cells, job.values, job.labelled.split.rows(Part::kTrain),
                              job.labelled.split.rows(Part::kValidation), parameters);
  JobContext training = ctx.slice(0.05, 0.9);
  CW_ASSIGN(const TrainedModel trained,
            train_from_model({options, job.inputs, config, fs::path(options.output) / "checkpoints",
                              finetune_fingerprint(to_json(options), job.inputs, config), options.resume},
                             objective, parameters, process, training));
  if (trained.pauses()) return trained.paused;
  Json summary = cells_summary(options, job.labelled, trained.state, parameters);
  summary["target"] = {{"mean", job.plan.scale.mean},
                       {"sd", job.plan.scale.sd},
                       {"lowest", job.lowest},
                       {"highest", job.highest},
                       {"loss", options.number_loss}};
  const std::vector<std::int64_t> test = job.labelled.split.rows(Part::kTest);
  CW_ASSIGN(std::vector<double> predicted, objective.numbers(test, process.exchange(), ctx));
  if (!process.writes()) return summary;
  if (!test.empty()) {
    JobContext judging = ctx.slice(0.9, 1.0);
    CW_ASSIGN(summary["test"], judge(job, test, std::move(predicted), judging));
  }
  scale_classifier(job.plan.scale, parameters);
  CW_TRY(write_finetuned(options, options.output, config, parameters.tensors(),
                         finetuned_record("cell numbers", job.inputs, to_json(options), summary)));
  CW_TRY(write_json(fs::path(options.output) / "training.json",
                    {{"summary", summary}, {"history", to_json(trained.state)["history"]}}));
  return summary;
}

}  // namespace cw
