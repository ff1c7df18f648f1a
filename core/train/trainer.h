// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/jobs/group_usage.h"
#include "core/train/cell_order.h"
#include "core/train/checkpoint.h"
#include "core/train/gradient_exchange.h"
#include "core/train/objective.h"
#include "core/train/optimiser.h"
#include "core/train/schedule.h"

#include <functional>
#include <memory>

namespace cw {

/// Everything beside the objective that decides what a training run computes, with nothing left to look up.
struct TrainingPlan {
  CellOrder order = CellOrder::kPacked;
  std::int64_t tokens_per_batch = 24576;
  std::int64_t cells_per_batch = 0;  ///< 0 = any number
  std::int64_t accumulate = 1;
  std::int64_t steps = 0;  ///< of the whole run, or 0 and
  double seconds = 0.0;    ///< its length in time
  double learning_rate = 1e-3;
  Schedule schedule = Schedule::kLinear;
  double warmup = 0.0;  ///< in steps, or seconds
  AdamW adam;
  double clip = 1.0;
  std::int64_t validate_every = 0;  ///< steps; 0 = only at the end
  double validate_seconds = 0.0;    ///< where the run is limited by time
  std::int64_t patience = 0;
  std::int64_t pause_at = 0;  ///< steps after which `run` returns with a checkpoint, before the end; 0 = none
  std::int64_t checkpoint_every = 0;
  double checkpoint_seconds = 600.0;
  std::uint64_t seed = 42;
  int num_threads = 0;
  bool recompute = false;  ///< as Workers::recompute
  /// Told of every validation in the first process. Its errors end the run.
  std::function<Result<>(std::int64_t step, const Validation& found)> on_validation = {};
};

/// Number of optimiser steps that `epochs` passes over cells of these lengths take.
[[nodiscard]] std::int64_t steps_of_epochs(std::span<const std::int64_t> lengths, double epochs,
                                           const TrainingPlan& plan);

/// The training loop: batches, gradients, updates, validation, checkpoints, the decision to stop.
///
/// Several processes divide every batch among them: the run is the same for any number of them but for rounding.
///
/// Repeat   for a run limited by steps, the weights depend on plan, objective, initial weights and the number of
///          processes only: not on the number of threads, nor on where it was stopped and resumed.
/// Cancel   seen within milliseconds, also inside a batch; the step under way is dropped in all processes, a checkpoint
///          of the last whole step is written.
class Trainer {
 public:
  /// `objective` learns the same `parameters`, whose optimiser state is in `offloaded` where that is given; all
  /// references outlive the trainer.
  Trainer(TrainingPlan plan, const Objective& objective, Parameters& parameters, GradientExchange& exchange,
          const OffloadedState* offloaded = nullptr);

  /// Runs from `state` to the end. Errors: kCancelled, kRefused E-TRN-008 (the loss is no number any more), those of
  /// writing checkpoints.
  Result<> run(TrainingState& state, const CheckpointStore& checkpoints, const Json& fingerprint, JobContext& context);

  /// The best figure of the validation part so far, that of the present weights among them; nothing without such a
  /// part. They are measured where the run has not done so itself; what comes later is the same whether asked or not.
  /// Errors: those of Objective::validate.
  [[nodiscard]] Result<std::optional<double>> figure_of(const TrainingState& state, JobContext& context) const;
  [[nodiscard]] const TrainingPlan& plan() const noexcept { return plan_; }

 private:
  struct StepOutcome {
    double loss = 0.0;
    double gradient_norm = 0.0;
    std::int64_t tokens = 0, cells = 0, targets = 0;
  };

  struct Share {
    std::unique_ptr<TrainBatch> batch;
    std::unique_ptr<TrainBatch> before;  ///< of the same step and in other processes; none = nothing comes before
  };

  [[nodiscard]] Share next_batch(TrainingState& state);
  [[nodiscard]] Result<StepOutcome> step(TrainingState& state, JobContext& context);
  Result<> agree_on_time(TrainingState& state);
  Result<> save(const TrainingState& state, const CheckpointStore& checkpoints, const Json& fingerprint,
                JobContext& context);
  [[nodiscard]] double rate_at(const TrainingState& state) const;
  [[nodiscard]] bool at_end(const TrainingState& state) const;
  [[nodiscard]] bool pauses(const TrainingState& state) const;
  [[nodiscard]] bool validation_is_due(const TrainingState& state) const;
  [[nodiscard]] bool stops_early(const TrainingState& state, JobContext& context) const;
  Result<> validate_and_note(TrainingState& state, const CheckpointStore& checkpoints, JobContext& context);
  void release_state() const noexcept;
  void report(const TrainingState& state, const StepOutcome& outcome, double rate, double seconds, JobContext& context);

  TrainingPlan plan_;
  const Objective& objective_;
  Parameters& parameters_;
  GradientExchange& exchange_;
  const OffloadedState* offloaded_;
  std::int64_t planned_epoch_ = -1;  ///< epoch of `batches_`
  std::vector<std::vector<std::int64_t>> batches_;
  double last_validation_ = 0.0;  ///< training seconds
  GroupMeter meter_;              ///< of the machine
};

}  // namespace cw
