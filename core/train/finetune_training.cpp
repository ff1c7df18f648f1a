// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/finetune_training.h"

#include "core/train/paused_run.h"
#include "core/train/training_run.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace cw {

Result<TrainedModel> train_from_model(const FinetuneTraining& training, const Objective& objective,
                                      Parameters& parameters, TrainingProcess& process, JobContext& ctx) {
  const FinetuneOptions& options = training.options;
  const CheckpointStore checkpoints(training.checkpoints);
  TrainedModel trained;
  const auto begin = [&] {
    return training.begin ? training.begin()
                          : start_from_model(training.inputs.model, training.config, options.seed, parameters);
  };
  CW_ASSIGN(trained.state, begin_together({options.output, training.resume, options.overwrite}, training.fingerprint,
                                          checkpoints, parameters, begin, process.exchange(), ctx));
  TrainingPlan plan = finetune_plan(options, training.config, objective.lengths());
  if (training.replay && process.writes()) {
    if (trained.state.step == 0) training.replay->clear();
    plan.on_validation = [log = training.replay](std::int64_t step, const Validation& found) {
      return log->write(step, found.calls, found.certainty);
    };
  }
  Trainer trainer(std::move(plan), objective, parameters, process.exchange(), process.offloaded());
  CW_TRY(trainer.run(trained.state, checkpoints, training.fingerprint, ctx));
  if (options.pause_after > 0.0) {
    CW_ASSIGN(trained.paused, paused_summary(metric_of(training.fingerprint), trainer, trained.state, ctx));
    return trained;
  }
  if (objective.has_validation()) CW_TRY(load_best_together(checkpoints, parameters, process.exchange()));
  return trained;
}

Json pace_of(const TrainingState& state) {
  return {{"steps", state.step},
          {"best_step", state.best_figure ? state.best_step : state.step},
          {"seconds", state.seconds},
          {"cells_per_second", static_cast<double>(state.cells) / std::max(state.seconds, 1e-9)}};
}

Json cells_summary(const FinetuneCellsOptions& options, const LabelledSplit& labelled, const TrainingState& state,
                   const Parameters& parameters) {
  const auto count = [&](Part part) { return labelled.split.rows(part).size(); };
  Json summary = {{"model", (std::filesystem::path(options.output) / "model").string()},
                  {"label", options.label},
                  {"split_by", labelled.design.by_group() ? labelled.design.group_column : "cell"},
                  {"training_cells", count(Part::kTrain)},
                  {"validation_cells", count(Part::kValidation)},
                  {"test_cells", count(Part::kTest)},
                  {"parameters", parameters.num_elements()},
                  {"trained_parameters", parameters.num_trained()}};
  summary.update(pace_of(state));
  return summary;
}

}  // namespace cw
