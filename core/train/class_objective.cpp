// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/class_objective.h"

#include "core/evaluate/metrics.h"
#include "core/train/class_model.h"
#include "core/train/prediction_batches.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cw {
namespace {

struct ClassBatch final : TrainBatch {
  TokenRows rows;
  std::vector<std::int64_t> predicted_rows;  // genes: where in the batch; cells: not used
  std::vector<std::int64_t> classes;
};

struct TaskBatch final : TrainBatch {
  struct Labelled {
    std::vector<std::int64_t> cells;  // places in the batch
    std::vector<std::int64_t> classes;
  };
  TokenRows rows;
  std::vector<Labelled> of_task;
};

std::string head_of_task(std::size_t task) { return "classifier." + std::to_string(task); }

void finish_batch(const ClassLossRule& rule, ClassBatch& batch) {
  batch.tokens = batch.rows.num_tokens();
  batch.cells = batch.rows.num_cells();
  batch.targets = static_cast<std::int64_t>(batch.classes.size());
  for (const std::int64_t target : batch.classes) batch.weight += rule.weight_of(target);
}

bool has_class(const std::vector<std::int32_t>& class_of_token, std::int32_t token) {
  return class_of_token[static_cast<std::size_t>(token)] >= 0;
}

void copy_row(const float* from, std::int64_t classes, double* to) {
  for (std::int64_t k = 0; k < classes; ++k) to[k] = static_cast<double>(from[k]);
}

Predictions predictions_of(const std::vector<double>& logits, const std::vector<std::int64_t>& targets,
                           const std::vector<std::string>& classes) {
  Predictions predictions;
  predictions.classes = classes;
  predictions.scores = logits;
  for (const std::int64_t target : targets) predictions.truth.push_back(static_cast<std::int32_t>(target));
  to_probabilities(predictions);
  return predictions;
}

constexpr std::array kMetrics{Metric::kAccuracy,   Metric::kBalancedAccuracy, Metric::kMacroF1,
                              Metric::kMacroAuroc, Metric::kMacroAuprc,       Metric::kLogLoss,
                              Metric::kBrier,      Metric::kCalibrationError};

}  // namespace

std::vector<std::int64_t> cells_with_genes(const TokenizedCells& cells, std::span<const std::int64_t> rows,
                                           const std::vector<std::int32_t>& class_of_token) {
  std::vector<std::int64_t> found;
  std::vector<std::int32_t> tokens;
  for (const std::int64_t row : rows) {
    cells.copy_tokens(row, tokens);
    const bool any =
        std::any_of(tokens.begin(), tokens.end(), [&](std::int32_t token) { return has_class(class_of_token, token); });
    if (any) found.push_back(row);
  }
  return found;
}

bool is_class_metric(const std::string& metric) {
  return metric == "loss" ||
         std::any_of(kMetrics.begin(), kMetrics.end(), [&](Metric m) { return name_of(m) == metric; });
}

Validation validation_of(const ClassPlan& plan, const std::vector<double>& logits,
                         const std::vector<std::int64_t>& targets) {
  const Scores scores = Scorer(predictions_of(logits, targets, plan.config.label_names)).score({});
  Validation validation;
  validation.loss = scores[Metric::kLogLoss];
  validation.figure = validation.loss;
  validation.metrics = {{"accuracy", scores[Metric::kAccuracy]}, {"macro_f1", scores[Metric::kMacroF1]}};
  for (const Metric metric : kMetrics) {
    if (name_of(metric) != plan.metric) continue;
    validation.figure = scores[metric];
    validation.higher_is_better = larger_is_better(metric);
    if (metric != Metric::kAccuracy && metric != Metric::kMacroF1) {
      validation.metrics.emplace_back(plan.metric, scores[metric]);
    }
  }
  return validation;
}

CellClasses::CellClasses(ClassPlan plan, const TokenizedCells& cells, std::vector<std::int32_t> labels,
                         std::vector<std::int64_t> training, std::vector<std::int64_t> validation,
                         const Parameters& parameters)
    : plan_(std::move(plan)),
      cells_(cells),
      labels_(std::move(labels)),
      training_(std::move(training)),
      validation_(std::move(validation)),
      lengths_(lengths_of(cells, training_)),
      parameters_(parameters) {}

std::unique_ptr<TrainBatch> CellClasses::batch(std::span<const std::int64_t> examples, std::int64_t /*epoch*/) const {
  auto batch = std::make_unique<ClassBatch>();
  std::vector<std::int32_t> tokens;
  for (const std::int64_t place : examples) {
    const std::int64_t cell = training_[static_cast<std::size_t>(place)];
    append_cell(cells_, cell, tokens, batch->rows);
    batch->classes.push_back(labels_[static_cast<std::size_t>(cell)]);
  }
  finish_batch(plan_.loss, *batch);
  return batch;
}

at::Tensor CellClasses::loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                             const Workers& workers) const {
  const auto& own = static_cast<const ClassBatch&>(batch);
  EncoderPass pass(plan_.config, parameters_, own.rows, draw, workers);
  return class_loss(cell_class_logits(pass, plan_.config), own.classes, plan_.loss, scale);
}

Result<std::vector<double>> CellClasses::logits(std::span<const std::int64_t> rows, GradientExchange& exchange,
                                                JobContext& context) const {
  const std::int64_t classes = plan_.config.num_labels;
  std::vector<double> all(rows.size() * static_cast<std::size_t>(classes));
  CW_TRY(for_prediction_batches(cells_, rows, plan_.tokens_per_batch, plan_.num_threads, exchange, context,
                                [&](const auto& places, const TokenRows& batch, const Workers& workers) {
                                  EncoderPass pass(plan_.config, parameters_, batch, {}, workers);
                                  scatter_rows(cell_class_logits(pass, plan_.config), places, all);
                                }));
  CW_TRY(exchange.sum(all));
  return all;
}

namespace {

// The class with the largest logit, and its softmax.
void add_calls(const std::vector<double>& logits, std::size_t classes, Validation& validation) {
  for (std::size_t row = 0; row + classes <= logits.size(); row += classes) {
    const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row);
    const auto end = begin + static_cast<std::ptrdiff_t>(classes);
    const auto best = std::max_element(begin, end);
    double sum = 0.0;
    for (auto it = begin; it != end; ++it) sum += std::exp(*it - *best);
    validation.calls.push_back(static_cast<std::int32_t>(best - begin));
    validation.certainty.push_back(1.0 / sum);
  }
}

}  // namespace

Result<Validation> CellClasses::validate(GradientExchange& exchange, JobContext& context) const {
  CW_ASSIGN(const std::vector<double> found, logits(validation_, exchange, context));
  std::vector<std::int64_t> targets;
  for (const std::int64_t cell : validation_) targets.push_back(labels_[static_cast<std::size_t>(cell)]);
  Validation validation = validation_of(plan_, found, targets);
  add_calls(found, static_cast<std::size_t>(plan_.config.num_labels), validation);
  return validation;
}

std::vector<PlannedParameter> task_parameters(const ModelConfig& config, const std::vector<CellTask>& tasks,
                                              const FinetuneOptions& options) {
  std::vector<PlannedParameter> list = classifier_parameters(config, options);
  std::erase_if(list, [](const PlannedParameter& p) { return p.spec.name.rfind("classifier.", 0) == 0; });
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const auto classes = static_cast<std::int64_t>(tasks[t].classes.size());
    list.push_back({{head_of_task(t) + ".weight", {classes, config.hidden}, InitialValue::kNormal}});
    list.push_back({{head_of_task(t) + ".bias", {classes}, InitialValue::kZero}});
  }
  return list;
}

CellTasks::CellTasks(ClassPlan plan, const TokenizedCells& cells, std::vector<CellTask> tasks,
                     std::vector<std::int64_t> training, std::vector<std::int64_t> validation,
                     const Parameters& parameters)
    : plan_(std::move(plan)),
      cells_(cells),
      tasks_(std::move(tasks)),
      training_(std::move(training)),
      validation_(std::move(validation)),
      lengths_(lengths_of(cells, training_)),
      parameters_(parameters) {}

std::unique_ptr<TrainBatch> CellTasks::batch(std::span<const std::int64_t> examples, std::int64_t /*epoch*/) const {
  auto batch = std::make_unique<TaskBatch>();
  batch->of_task.resize(tasks_.size());
  std::vector<std::int32_t> tokens;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::int64_t cell = training_[static_cast<std::size_t>(examples[i])];
    append_cell(cells_, cell, tokens, batch->rows);
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      const std::int32_t label = tasks_[t].labels[static_cast<std::size_t>(cell)];
      if (label < 0) continue;
      batch->of_task[t].cells.push_back(static_cast<std::int64_t>(i));
      batch->of_task[t].classes.push_back(label);
      ++batch->targets;
    }
  }
  batch->tokens = batch->rows.num_tokens();
  batch->cells = batch->rows.num_cells();
  batch->weight = static_cast<double>(batch->cells);
  return batch;
}

at::Tensor CellTasks::loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                           const Workers& workers) const {
  const auto& own = static_cast<const TaskBatch&>(batch);
  EncoderPass pass(plan_.config, parameters_, own.rows, draw, workers);
  const at::Tensor pooled = pooled_cells(pass, plan_.config);
  at::Tensor sum;
  for (std::size_t t = 0; t < tasks_.size(); ++t) {
    const auto& [cells, classes] = own.of_task[t];
    if (cells.empty()) continue;
    const at::Tensor logits = pass.linear(head_of_task(t), pooled.index_select(0, index_tensor(cells)), false);
    const at::Tensor loss = class_loss(logits, classes, tasks_[t].loss, scale * tasks_[t].weight);
    sum = sum.defined() ? sum + loss : loss;
  }
  return sum;
}

Result<std::vector<std::vector<double>>> CellTasks::logits(std::span<const std::int64_t> rows,
                                                           GradientExchange& exchange, JobContext& context) const {
  std::vector<std::vector<double>> all(tasks_.size());
  for (std::size_t t = 0; t < tasks_.size(); ++t) all[t].resize(rows.size() * tasks_[t].classes.size());
  CW_TRY(for_prediction_batches(cells_, rows, plan_.tokens_per_batch, plan_.num_threads, exchange, context,
                                [&](const auto& places, const TokenRows& batch, const Workers& workers) {
                                  EncoderPass pass(plan_.config, parameters_, batch, {}, workers);
                                  const at::Tensor pooled = pooled_cells(pass, plan_.config);
                                  for (std::size_t t = 0; t < tasks_.size(); ++t) {
                                    scatter_rows(pass.linear(head_of_task(t), pooled, false), places, all[t]);
                                  }
                                }));
  for (std::vector<double>& task : all) CW_TRY(exchange.sum(task));
  return all;
}

Result<Validation> CellTasks::validate(GradientExchange& exchange, JobContext& context) const {
  CW_ASSIGN(const auto found, logits(validation_, exchange, context));
  Validation mean;
  for (std::size_t t = 0; t < tasks_.size(); ++t) {
    const CellTask& task = tasks_[t];
    std::vector<double> known;
    std::vector<std::int64_t> targets;
    for (std::size_t i = 0; i < validation_.size(); ++i) {
      const std::int32_t label = task.labels[static_cast<std::size_t>(validation_[i])];
      if (label < 0) continue;
      const auto row = found[t].begin() + static_cast<std::ptrdiff_t>(i * task.classes.size());
      known.insert(known.end(), row, row + static_cast<std::ptrdiff_t>(task.classes.size()));
      targets.push_back(label);
    }
    ClassPlan plan = plan_;
    plan.config.label_names = task.classes;
    const Validation own = validation_of(plan, known, targets);
    const double share = 1.0 / static_cast<double>(tasks_.size());
    mean.loss += share * own.loss;
    mean.figure += share * own.figure;
    mean.higher_is_better = own.higher_is_better;
    for (const auto& [name, value] : own.metrics) mean.metrics.emplace_back(task.name + " " + name, value);
  }
  return mean;
}

GeneClasses::GeneClasses(ClassPlan plan, const TokenizedCells& cells, std::vector<std::int64_t> rows,
                         std::vector<std::int32_t> class_of_token, std::vector<std::int32_t> held_out,
                         const Parameters& parameters)
    : plan_(std::move(plan)),
      cells_(cells),
      rows_(std::move(rows)),
      training_(cells_with_genes(cells, rows_, class_of_token)),
      lengths_(lengths_of(cells, training_)),
      class_of_token_(std::move(class_of_token)),
      held_out_(std::move(held_out)),
      parameters_(parameters) {}

std::unique_ptr<TrainBatch> GeneClasses::batch(std::span<const std::int64_t> examples, std::int64_t /*epoch*/) const {
  auto batch = std::make_unique<ClassBatch>();
  std::vector<std::int32_t> tokens;
  for (const std::int64_t place : examples) {
    const std::int64_t first = batch->rows.num_tokens();
    append_cell(cells_, training_[static_cast<std::size_t>(place)], tokens, batch->rows);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (!has_class(class_of_token_, tokens[i])) continue;
      batch->predicted_rows.push_back(first + static_cast<std::int64_t>(i));
      batch->classes.push_back(class_of_token_[static_cast<std::size_t>(tokens[i])]);
    }
  }
  finish_batch(plan_.loss, *batch);
  return batch;
}

at::Tensor GeneClasses::loss(const TrainBatch& batch, const DropoutDraw& draw, double scale,
                             const Workers& workers) const {
  const auto& own = static_cast<const ClassBatch&>(batch);
  EncoderPass pass(plan_.config, parameters_, own.rows, draw, workers);
  return class_loss(gene_class_logits(pass, plan_.config, own.predicted_rows), own.classes, plan_.loss, scale);
}

bool GeneClasses::has_validation() const {
  return std::any_of(held_out_.begin(), held_out_.end(), [](std::int32_t c) { return c >= 0; });
}

Result<OccurrenceLogits> GeneClasses::logits(std::span<const std::int64_t> rows,
                                             const std::vector<std::int32_t>& class_of_token,
                                             GradientExchange& exchange, JobContext& context) const {
  OccurrenceLogits found;
  std::vector<std::size_t> first;  // [rows] of its occurrences
  std::vector<std::int32_t> tokens;
  const std::vector<std::int64_t> wanted = cells_with_genes(cells_, rows, class_of_token);
  for (const std::int64_t row : wanted) {
    first.push_back(found.occurrences.size());
    cells_.copy_tokens(row, tokens);
    for (const std::int32_t token : tokens) {
      if (has_class(class_of_token, token)) found.occurrences.push_back({row, token});
    }
  }
  const std::int64_t classes = plan_.config.num_labels;
  found.logits.resize(found.occurrences.size() * static_cast<std::size_t>(classes));
  const auto forward = [&](const auto& places, const TokenRows& batch, const Workers& workers) {
    std::vector<std::int64_t> at;
    for (std::int64_t i = 0; i < batch.num_tokens(); ++i) {
      const auto token = static_cast<std::int32_t>(batch.tokens[static_cast<std::size_t>(i)]);
      if (has_class(class_of_token, token)) at.push_back(i);
    }
    EncoderPass pass(plan_.config, parameters_, batch, {}, workers);
    const at::Tensor logits = gene_class_logits(pass, plan_.config, at).contiguous();
    const float* values = logits.const_data_ptr<float>();
    for (const std::int64_t place : places) {
      const auto i = static_cast<std::size_t>(place);
      const std::size_t end = i + 1 < first.size() ? first[i + 1] : found.occurrences.size();
      for (std::size_t k = first[i]; k < end; ++k, values += classes) {
        copy_row(values, classes, found.logits.data() + k * static_cast<std::size_t>(classes));
      }
    }
  };
  CW_TRY(for_prediction_batches(cells_, wanted, plan_.tokens_per_batch, plan_.num_threads, exchange, context, forward));
  CW_TRY(exchange.sum(found.logits));
  return found;
}

Result<Validation> GeneClasses::validate(GradientExchange& exchange, JobContext& context) const {
  CW_ASSIGN(const OccurrenceLogits found, logits(rows_, held_out_, exchange, context));
  std::vector<std::int64_t> targets;
  for (const GeneOccurrence& o : found.occurrences) targets.push_back(held_out_[static_cast<std::size_t>(o.token)]);
  return validation_of(plan_, found.logits, targets);
}

}  // namespace cw
