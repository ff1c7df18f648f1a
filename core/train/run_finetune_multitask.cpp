// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_finetune_multitask.h"

#include "core/evaluate/split_file.h"
#include "core/evaluate/split_report.h"
#include "core/io/table_writers.h"
#include "core/train/cell_judgement.h"
#include "core/train/class_model.h"
#include "core/train/class_objective.h"
#include "core/train/finetune_training.h"

#include <algorithm>
#include <filesystem>

namespace cw {
namespace {

namespace fs = std::filesystem;

struct Job {
  const FinetuneMultitaskOptions& options;
  FinetuneInputs inputs;
  std::vector<LabelledSplit> columns;
  std::vector<CellTask> tasks;
  ClassPlan plan;

  [[nodiscard]] fs::path folder(std::size_t task) const {
    std::string name = options.labels[task];
    std::replace(name.begin(), name.end(), '/', '_');
    return fs::path(options.output) / name;
  }
};

constexpr double kPublishedDropout = 0.1;  // before the classifiers

ModelConfig config_of(const FinetuneMultitaskOptions& options, const FinetuneInputs& inputs,
                      const std::vector<std::string>& classes) {
  ModelConfig config =
      classifier_config(options, inputs.model.encoder->config(), kCellClassifier, classes, options.pooling);
  if (options.match_upstream) config.classifier_dropout = kPublishedDropout;
  return config;
}

// As published: nothing is taken from the model but its sizes.
Result<> begin_at_random(const Job& job, Parameters& parameters) {
  parameters.initialise(job.plan.config, job.options.seed);
  for (std::size_t t = 0; t < job.tasks.size(); ++t) {
    fill_xavier_uniform(parameters.at("classifier." + std::to_string(t) + ".weight"), job.options.seed, t);
  }
  return {};
}

// Cells of a part in any column: that of one column has only those with a value there.
std::vector<std::int64_t> rows_of(const Job& job, Part part) {
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < job.inputs.cells.num_cells(); ++row) {
    const bool any = std::any_of(job.columns.begin(), job.columns.end(), [&](const LabelledSplit& column) {
      return column.split.parts[static_cast<std::size_t>(row)] == part;
    });
    if (any) rows.push_back(row);
  }
  return rows;
}

Result<Job> prepare(const FinetuneMultitaskOptions& options, JobContext& ctx) {
  Job job{options, {}, {}, {}, {}};
  CW_ASSIGN(job.inputs, open_finetune_inputs(options, ctx));
  CW_ASSIGN(job.columns, split_multitask_cells(options, job.inputs, ctx));
  for (std::size_t t = 0; t < job.columns.size(); ++t) {
    const SplitDesign& design = job.columns[t].design;
    CellTask task;
    task.name = options.labels[t];
    task.classes = design.classes;
    task.labels = design.labels;
    task.loss = {class_weights(options, job.columns[t].training_counts()), options.focal_gamma};
    if (!options.task_weights.empty()) task.weight = options.task_weights[t];
    job.tasks.push_back(std::move(task));
  }
  job.plan.config = config_of(options, job.inputs, job.columns.front().design.classes);
  job.plan.metric = metric_of(to_json(options));
  job.plan.tokens_per_batch = options.tokens_per_batch;
  job.plan.num_threads = options.num_threads;
  return job;
}

// Every column beside its own simple models.
FinetuneCellsOptions cells_options(const FinetuneMultitaskOptions& options, std::size_t task) {
  FinetuneCellsOptions cells;
  static_cast<FinetuneOptions&>(cells) = options;
  cells.label = options.labels[task];
  cells.group = options.group;
  cells.baselines = options.baselines;
  cells.counts = options.counts;
  return cells;
}

Result<> write_model(const Job& job, std::size_t task, const Parameters& parameters, const Json& summary) {
  const std::string own = "classifier." + std::to_string(task) + ".";
  std::vector<TensorRef> tensors;
  for (TensorRef tensor : parameters.tensors()) {
    if (tensor.name.rfind("classifier.", 0) == 0) {
      if (tensor.name.rfind(own, 0) != 0) continue;
      tensor.name = "classifier." + tensor.name.substr(own.size());
    }
    tensors.push_back(std::move(tensor));
  }
  const ModelConfig config = config_of(job.options, job.inputs, job.tasks[task].classes);
  return write_finetuned(job.options, job.folder(task), config, tensors,
                         finetuned_record("cell classes", job.inputs, to_json(job.options), summary));
}

// Judges one column and writes its folder.
Result<Json> finish_task(const Job& job, std::size_t task, const std::vector<std::int64_t>& test,
                         const std::vector<double>& logits, const Parameters& parameters, JobContext& ctx) {
  const LabelledSplit& column = job.columns[task];
  Json summary = {{"label", job.options.labels[task]},
                  {"classes", job.tasks[task].classes},
                  {"training_cells", column.split.rows(Part::kTrain).size()},
                  {"test_cells", column.split.rows(Part::kTest).size()},
                  {"model", (job.folder(task) / "model").string()}};
  std::vector<double> known;
  for (std::size_t i = 0; i < test.size(); ++i) {
    if (column.design.labels[static_cast<std::size_t>(test[i])] < 0) continue;
    const auto classes = static_cast<std::ptrdiff_t>(job.tasks[task].classes.size());
    const auto row = logits.begin() + static_cast<std::ptrdiff_t>(i) * classes;
    known.insert(known.end(), row, row + classes);
  }
  std::error_code ignored;  // writing into it says what is wrong
  fs::create_directories(job.folder(task), ignored);
  if (!known.empty()) {
    CW_ASSIGN(summary["test"], judge_cells(cells_options(job.options, task), job.inputs, column, std::move(known),
                                           job.folder(task), ctx));
  }
  CW_TRY(write_model(job, task, parameters, summary));
  return summary;
}

Result<Json> finetune(const FinetuneMultitaskOptions& options, TrainingProcess& process, JobContext& ctx) {
  JobContext opening = ctx.slice(0.0, 0.05);
  CW_ASSIGN(const Job job, prepare(options, opening));
  const ModelConfig& config = job.plan.config;
  CW_ASSIGN(Parameters parameters, process.allocate(task_parameters(config, job.tasks, options)));
  const CellTasks objective(job.plan, job.inputs.cells, job.tasks, rows_of(job, Part::kTrain),
                            rows_of(job, Part::kValidation), parameters);
  const fs::path out = options.output;
  JobContext training = ctx.slice(0.05, 0.8);
  FinetuneTraining setup{options,
                         job.inputs,
                         config,
                         out / "checkpoints",
                         finetune_fingerprint(to_json(options), job.inputs, config),
                         options.resume};
  if (options.match_upstream) setup.begin = [&] { return begin_at_random(job, parameters); };
  CW_ASSIGN(const TrainedModel trained, train_from_model(setup, objective, parameters, process, training));
  if (trained.pauses()) return trained.paused;

  const std::vector<std::int64_t> test = rows_of(job, Part::kTest);
  CW_ASSIGN(const auto logits, objective.logits(test, process.exchange(), ctx));
  Json summary = {
      {"output", options.output}, {"training_cells", objective.lengths().size()}, {"test_cells", test.size()}};
  summary.update(pace_of(trained.state));
  if (!process.writes()) return summary;
  Json tasks = Json::array();
  for (std::size_t t = 0; t < job.tasks.size(); ++t) {
    const auto count = static_cast<double>(job.tasks.size());
    JobContext part =
        ctx.slice(0.8 + 0.2 * static_cast<double>(t) / count, 0.8 + 0.2 * static_cast<double>(t + 1) / count);
    CW_ASSIGN(Json task, finish_task(job, t, test, logits[t], parameters, part));
    tasks.push_back(std::move(task));
  }
  CW_TRY(write_split(job.columns.front(), job.inputs, out));
  summary["tasks"] = std::move(tasks);
  CW_TRY(write_json(out / "training.json", {{"summary", summary}, {"history", to_json(trained.state)["history"]}}));
  return summary;
}

}  // namespace

Result<Json> run_finetune_multitask(const FinetuneMultitaskOptions& options, JobContext& ctx) {
  return run_finetuning("finetune-multitask", options, finetune, ctx);
}

Result<Json> finetune_multitask_in_group(const FinetuneMultitaskOptions& options, Communicator& communicator,
                                         JobContext& ctx) {
  return finetune_as_member(options, finetune, communicator, ctx);
}

}  // namespace cw
