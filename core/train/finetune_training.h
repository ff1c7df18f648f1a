// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/cell_labels.h"
#include "core/train/finetune_setup.h"
#include "core/train/replay_log.h"
#include "core/train/training_process.h"

#include <functional>

namespace cw {

/// What one model of a fine-tuning is trained with.
struct FinetuneTraining {
  const FinetuneOptions& options;
  const FinetuneInputs& inputs;
  const ModelConfig& config;
  std::filesystem::path checkpoints;  ///< folder
  Json fingerprint;
  bool resume = false;                   ///< it is an error if there is nothing to go on from
  std::function<Result<>()> begin = {};  ///< sets the weights before the first step; empty = start_from_model
  const ReplayLog* replay = nullptr;     ///< of the cells kept out; none where nothing is to be replayed
};

/// Where a training has come to.
struct TrainedModel {
  TrainingState state;
  Json paused;  ///< summary of a run that pauses before its end (paused_summary); null otherwise

  [[nodiscard]] bool pauses() const { return !paused.is_null(); }
};

/// Trains `parameters` from the pretrained model, or from the newest checkpoint, to the best weights by the validation
/// of `objective`, or the last ones where it has none or where the run pauses. In every process alike. Errors: those of
/// begin_or_resume, start_from_model, Trainer.
[[nodiscard]] Result<TrainedModel> train_from_model(const FinetuneTraining& training, const Objective& objective,
                                                    Parameters& parameters, TrainingProcess& process, JobContext& ctx);

/// steps, best_step, seconds, cells_per_second.
[[nodiscard]] Json pace_of(const TrainingState& state);

/// What the run of a label column says of itself: sizes of the parts and of the model, then pace_of.
[[nodiscard]] Json cells_summary(const FinetuneCellsOptions& options, const LabelledSplit& labelled,
                                 const TrainingState& state, const Parameters& parameters);

/// A whole fine-tuning of `kind`: `work` in this process, or in `processes` engine processes that are started for it.
template <class Options>
[[nodiscard]] Result<Json> run_finetuning(const char* kind, const Options& options,
                                          Result<Json> (*work)(const Options&, TrainingProcess&, JobContext&),
                                          JobContext& ctx) {
  CW_TRY(options.validate());
  if (options.processes > 1) {
    return run_in_processes(
        {kind, to_json(options), options.output, options.processes, options.num_threads, options.exchange_timeout},
        ctx);
  }
  return guarded_training("fine-tuning", options.tokens_per_batch, [&] {
    TrainingProcess alone(offload_folder(options, options.output));
    return work(options, alone, ctx);
  });
}

/// The part of one of several processes in that.
template <class Options>
[[nodiscard]] Result<Json> finetune_as_member(const Options& options,
                                              Result<Json> (*work)(const Options&, TrainingProcess&, JobContext&),
                                              Communicator& communicator, JobContext& ctx) {
  CW_TRY(options.validate());
  return guarded_training("fine-tuning", options.tokens_per_batch, [&] {
    TrainingProcess member(communicator, exchange_rules(options), offload_folder(options, options.output));
    return work(options, member, ctx);
  });
}

}  // namespace cw
