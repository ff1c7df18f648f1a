// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_finetune_cells.h"

#include "core/evaluate/split_file.h"
#include "core/evaluate/split_report.h"
#include "core/io/table_writers.h"
#include "core/train/cell_judgement.h"
#include "core/train/cell_labels.h"
#include "core/train/class_model.h"
#include "core/train/class_objective.h"
#include "core/train/finetune_numbers.h"
#include "core/train/finetune_training.h"

#include <filesystem>
#include <optional>

namespace cw {
namespace {

namespace fs = std::filesystem;

struct Job {
  const FinetuneCellsOptions& options;
  FinetuneInputs inputs;
  LabelledSplit labelled;
  ClassPlan classes;
};

Result<Job> prepare(const FinetuneCellsOptions& options, JobContext& ctx) {
  Job job{options, {}, {}, {}};
  CW_ASSIGN(job.inputs, open_cell_inputs(options, ctx));
  CW_TRY(keep_labelled_cells(options, job.inputs, ctx));
  CW_ASSIGN(job.labelled, split_labelled_cells(options, job.inputs, ctx));
  job.classes.config = classifier_config(options, job.inputs.model.encoder->config(), kCellClassifier,
                                         job.labelled.design.classes, options.pooling);
  job.classes.loss = {class_weights(options, job.labelled.training_counts()), options.focal_gamma};
  job.classes.metric = metric_of(to_json(options));
  job.classes.tokens_per_batch = options.tokens_per_batch;
  job.classes.num_threads = options.num_threads;
  return job;
}

Result<Json> finetune(const FinetuneCellsOptions& options, TrainingProcess& process, JobContext& ctx) {
  if (options.target_type == "number") return finetune_numbers(options, process, ctx);
  JobContext opening = ctx.slice(0.0, 0.05);
  CW_ASSIGN(Job job, prepare(options, opening));
  const fs::path out = options.output;
  if (process.writes()) CW_TRY(write_split(job.labelled, job.inputs, out));
  const ModelConfig& config = job.classes.config;
  CW_ASSIGN(Parameters parameters, process.allocate(classifier_parameters(config, options)));
  const CellClasses objective(job.classes, job.inputs.cells, job.labelled.design.labels,
                              job.labelled.split.rows(Part::kTrain), job.labelled.split.rows(Part::kValidation),
                              parameters);
  JobContext training = ctx.slice(0.05, 0.9);
  const ReplayLog replay(out / "replay", job.labelled.design, job.inputs.cells.cells().index,
                         job.labelled.split.rows(Part::kValidation));
  CW_ASSIGN(const TrainedModel trained, train_from_model({options,
                                                          job.inputs,
                                                          config,
                                                          out / "checkpoints",
                                                          finetune_fingerprint(to_json(options), job.inputs, config),
                                                          options.resume,
                                                          {},
                                                          &replay},
                                                         objective, parameters, process, training));
  if (trained.pauses()) return trained.paused;

  Json summary = cells_summary(options, job.labelled, trained.state, parameters);
  summary["classes"] = job.labelled.design.classes;
  const std::vector<std::int64_t> test = job.labelled.split.rows(Part::kTest);
  CW_ASSIGN(std::vector<double> logits, objective.logits(test, process.exchange(), ctx));
  if (!process.writes()) return summary;
  if (!test.empty()) {
    JobContext judging = ctx.slice(0.9, 1.0);
    CW_ASSIGN(summary["test"],
              judge_cells(options, job.inputs, job.labelled, std::move(logits), options.output, judging));
  }
  CW_TRY(write_finetuned(options, out, config, parameters.tensors(),
                         finetuned_record("cell classes", job.inputs, to_json(options), summary)));
  CW_TRY(write_json(out / "training.json", {{"summary", summary},
                                            {"split", to_json(class_parts(job.labelled.design, job.labelled.split))},
                                            {"history", to_json(trained.state)["history"]}}));
  return summary;
}

}  // namespace

Result<Json> run_finetune_cells(const FinetuneCellsOptions& options, JobContext& ctx) {
  return run_finetuning("finetune-cells", options, finetune, ctx);
}

Result<Json> finetune_cells_in_group(const FinetuneCellsOptions& options, Communicator& communicator, JobContext& ctx) {
  return finetune_as_member(options, finetune, communicator, ctx);
}

}  // namespace cw
