// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/train/keyed_random.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace cw {
namespace {

constexpr std::chrono::milliseconds kLookAtMachine{5'000};
constexpr double kGigabyte = 1e9;

class Stopwatch {
 public:
  [[nodiscard]] double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

std::int64_t steps_of_epochs(std::span<const std::int64_t> lengths, double epochs, const TrainingPlan& plan) {
  std::int64_t batches = 0;
  for (std::int64_t epoch = 0; static_cast<double>(epoch) < epochs; ++epoch) {
    const auto count = static_cast<double>(epoch_batches(lengths, plan.tokens_per_batch, plan.order, plan.seed,
                                                         static_cast<std::uint64_t>(epoch), plan.cells_per_batch)
                                               .size());
    batches += std::llround(count * std::min(1.0, epochs - static_cast<double>(epoch)));
  }
  return std::max<std::int64_t>(1, (batches + plan.accumulate - 1) / plan.accumulate);
}

Trainer::Trainer(TrainingPlan plan, const Objective& objective, Parameters& parameters, GradientExchange& exchange,
                 const OffloadedState* offloaded)
    : plan_(std::move(plan)),
      objective_(objective),
      parameters_(parameters),
      exchange_(exchange),
      offloaded_(offloaded),
      // the processes of a run have one parent
      meter_(exchange.num_ranks() > 1 ? ::getppid() : ::getpid()) {}

void Trainer::release_state() const noexcept {
  if (offloaded_ != nullptr) offloaded_->release();
}

Trainer::Share Trainer::next_batch(TrainingState& state) {
  if (planned_epoch_ == state.epoch && state.batch >= static_cast<std::int64_t>(batches_.size())) {
    ++state.epoch;
    state.batch = 0;
  }
  if (planned_epoch_ != state.epoch) {
    batches_ = epoch_batches(objective_.lengths(), plan_.tokens_per_batch, plan_.order, plan_.seed,
                             static_cast<std::uint64_t>(state.epoch), plan_.cells_per_batch);
    planned_epoch_ = state.epoch;
    if (state.batch >= static_cast<std::int64_t>(batches_.size())) return next_batch(state);
  }
  const std::span<const std::int64_t> cells = batches_[static_cast<std::size_t>(state.batch)];
  const BatchShare own = share_of(cells, objective_.lengths(), exchange_.rank(), exchange_.num_ranks());
  Share share;
  share.batch = objective_.batch(cells.subspan(own.begin, own.end - own.begin), state.epoch);
  if (own.begin > 0) share.before = objective_.batch(cells.first(own.begin), state.epoch);
  ++state.batch;
  return share;
}

Result<Trainer::StepOutcome> Trainer::step(TrainingState& state, JobContext& context) {
  std::vector<Share> own;
  std::array<double, 4> totals{};  // tokens, cells, targets, weight
  std::size_t last = 0;            // batch with something to learn from
  for (std::int64_t i = 0; i < plan_.accumulate; ++i) {
    own.push_back(next_batch(state));
    const TrainBatch& batch = *own.back().batch;
    totals[0] += static_cast<double>(batch.tokens);
    totals[1] += static_cast<double>(batch.cells);
    totals[2] += static_cast<double>(batch.targets);
    totals[3] += batch.weight;
    if (batch.targets > 0) last = own.size() - 1;
  }
  CW_TRY(exchange_.sum(totals));
  parameters_.zero_gradients();
  const Workers workers{plan_.num_threads, &context, plan_.recompute};
  std::array<double, 2> results{};  // loss, processes that were stopped
  for (std::size_t i = 0; i < own.size() && results[1] == 0.0; ++i) {
    if (own[i].batch->targets == 0) continue;
    // the last number of the key is that of the only process before batches were divided: resumed runs draw the same
    const KeyedRandom random(plan_.seed, RandomUse::kDropout, {static_cast<std::uint64_t>(state.step), i, 0});
    if (i == last) exchange_.last_backward_comes();
    const Result<double> loss = unless_stopped([&] {
      DropoutDraw draw{true, random.key()};
      if (const TrainBatch* before = own[i].before.get()) {
        draw.first_row = before->tokens;
        draw.first_cell = before->cells;
        draw.first_target = before->targets;
      }
      const at::Tensor value = objective_.loss(*own[i].batch, draw, 1.0 / totals[3], workers);
      value.backward();
      workers.check();
      return value.item<double>();
    });
    results[loss.ok() ? 0 : 1] += loss.ok() ? *loss : 1.0;
  }
  // Whoever was stopped still takes part, so that all drop the same step.
  CW_TRY(exchange_.sum_gradients(parameters_));
  CW_TRY(exchange_.sum(results));
  if (results[1] > 0.0) return cancelled_error("training");
  StepOutcome outcome;
  outcome.loss = results[0];
  CW_ASSIGN(outcome.gradient_norm, clip_gradients(parameters_, plan_.clip, exchange_));
  if (!std::isfinite(outcome.loss) || !std::isfinite(outcome.gradient_norm)) {
    return Error{ErrorCode::kRefused, "E-TRN-008",
                 "at step " + std::to_string(state.step + 1) + " the loss is " + std::to_string(outcome.loss) +
                     " and the norm of its gradient " + std::to_string(outcome.gradient_norm) +
                     ": training has diverged; use a lower --learning-rate or a longer --warmup-steps"};
  }
  outcome.tokens = static_cast<std::int64_t>(totals[0]);
  outcome.cells = static_cast<std::int64_t>(totals[1]);
  outcome.targets = static_cast<std::int64_t>(totals[2]);
  return outcome;
}

// Decisions that depend on time must be the same in all processes: the clock of the first one counts.
Result<> Trainer::agree_on_time(TrainingState& state) {
  double seconds = exchange_.rank() == 0 ? state.seconds : 0.0;
  CW_TRY(exchange_.sum(std::span(&seconds, 1)));
  state.seconds = seconds;
  return {};
}

Result<> Trainer::save(const TrainingState& state, const CheckpointStore& checkpoints, const Json& fingerprint,
                       JobContext& context) {
  CW_TRY(exchange_.gather_moments(parameters_));
  if (exchange_.rank() == 0) {
    CW_TRY(checkpoints.save(parameters_, state, fingerprint, [this] { release_state(); }));
    context.event("checkpoint", {{"step", state.step}});
  }
  parameters_.drop_whole_moments();
  release_state();
  return {};
}

double Trainer::rate_at(const TrainingState& state) const {
  const double time = plan_.steps > 0 ? static_cast<double>(state.step) : state.seconds;
  const double total = plan_.steps > 0 ? static_cast<double>(plan_.steps) : plan_.seconds;
  return cw::rate_at(plan_.schedule, plan_.learning_rate, time, plan_.warmup, total);
}

bool Trainer::at_end(const TrainingState& state) const {
  if (state.finished) return true;
  return plan_.steps > 0 ? state.step >= plan_.steps : state.seconds >= plan_.seconds;
}

bool Trainer::pauses(const TrainingState& state) const { return plan_.pause_at > 0 && state.step >= plan_.pause_at; }

Result<std::optional<double>> Trainer::figure_of(const TrainingState& state, JobContext& context) const {
  if (!objective_.has_validation()) return std::optional<double>();
  if (!state.history.empty() && state.history.back().step == state.step) return state.best_figure;
  CW_ASSIGN(const Validation found, objective_.validate(exchange_, context));
  if (!state.best_figure) return std::optional(found.figure);
  return std::optional(found.higher_is_better ? std::max(found.figure, *state.best_figure)
                                              : std::min(found.figure, *state.best_figure));
}

bool Trainer::validation_is_due(const TrainingState& state) const {
  if (!objective_.has_validation()) return false;
  if (at_end(state)) return true;
  if (plan_.steps > 0) return plan_.validate_every > 0 && state.step % plan_.validate_every == 0;
  return plan_.validate_seconds > 0.0 && state.seconds - last_validation_ >= plan_.validate_seconds;
}

Result<> Trainer::validate_and_note(TrainingState& state, const CheckpointStore& checkpoints, JobContext& context) {
  CW_ASSIGN(const Validation found, objective_.validate(exchange_, context));
  const double training = state.loss_sum / static_cast<double>(std::max<std::int64_t>(1, state.loss_steps));
  state.history.push_back({state.step, training, found.loss, {found.metrics.begin(), found.metrics.end()}});
  state.loss_sum = 0.0;
  state.loss_steps = 0;
  context.metric("training_loss", state.step, training);
  context.metric("validation_loss", state.step, found.loss);
  for (const auto& [name, value] : found.metrics) context.metric(name, state.step, value);
  if (exchange_.rank() == 0 && plan_.on_validation) CW_TRY(plan_.on_validation(state.step, found));
  const bool better = !state.best_figure ||
                      (found.higher_is_better ? found.figure > *state.best_figure : found.figure < *state.best_figure);
  if (better) {
    state.best_figure = found.figure;
    state.best_step = state.step;
    state.validations_since_best = 0;
    if (exchange_.rank() == 0) CW_TRY(checkpoints.save_best(parameters_, state.step));
  } else {
    ++state.validations_since_best;
  }
  return {};
}

bool Trainer::stops_early(const TrainingState& state, JobContext& context) const {
  if (plan_.patience == 0 || state.validations_since_best < plan_.patience) return false;
  context.event("note", {{"text", "stopped early: no better " + objective_.figure_name() + " since step " +
                                      std::to_string(state.best_step)}});
  return true;
}

void Trainer::report(const TrainingState& state, const StepOutcome& outcome, double rate, double seconds,
                     JobContext& context) {
  context.metric("loss", state.step, outcome.loss);
  context.metric("learning_rate", state.step, rate);
  context.metric("gradient_norm", state.step, outcome.gradient_norm);
  context.metric("tokens_per_second", state.step, static_cast<double>(outcome.tokens) / std::max(seconds, 1e-9));
  const auto usage = exchange_.rank() == 0 ? meter_.look(kLookAtMachine) : std::nullopt;
  if (usage) {
    context.metric("processors_busy", state.step, usage->processors);
    context.metric("memory_gb", state.step, usage->bytes / kGigabyte);
  }
  if (plan_.steps > 0) {
    context.report(state.step, plan_.steps, "Training");
  } else {
    context.report(std::llround(std::min(state.seconds, plan_.seconds)), std::llround(plan_.seconds), "Training");
  }
}

Result<> Trainer::run(TrainingState& state, const CheckpointStore& checkpoints, const Json& fingerprint,
                      JobContext& context) {
  Stopwatch watch;
  double last_save = state.seconds;
  double last_report = -1.0;
  last_validation_ = state.seconds;
  release_state();  // of what a checkpoint brought
  while (!at_end(state) && !pauses(state)) {
    const TrainingState before = state;
    const double rate = rate_at(state);
    const Result<StepOutcome> outcome = step(state, context);
    if (!outcome.ok()) {
      state = before;
      if (outcome.error().code != ErrorCode::kCancelled) return outcome.error();
      if (state.step > 0) CW_TRY(save(state, checkpoints, fingerprint, context));
      context.event("stopped", {{"step", state.step}});  // giving memory back takes a while: nobody needs to wait
      return outcome.error();
    }
    if (outcome->targets > 0) {
      plan_.adam.update(parameters_, rate, state.step + 1, offloaded_);
      CW_TRY(exchange_.gather_values(parameters_));
    }
    ++state.step;
    state.tokens += outcome->tokens;
    state.cells += outcome->cells;
    state.targets += outcome->targets;
    state.loss_sum += outcome->loss;
    ++state.loss_steps;
    const double seconds = watch.lap();
    state.seconds += seconds;
    CW_TRY(agree_on_time(state));
    if (state.seconds - last_report >= 1.0 || at_end(state)) {
      report(state, *outcome, rate, seconds, context);
      last_report = state.seconds;
    }
    if (validation_is_due(state)) {
      CW_TRY(validate_and_note(state, checkpoints, context));
      state.finished = stops_early(state, context);
      state.seconds += watch.lap();
      CW_TRY(agree_on_time(state));
      last_validation_ = state.seconds;
    }
    const bool due = plan_.checkpoint_every > 0 ? state.step % plan_.checkpoint_every == 0
                                                : state.seconds - last_save >= plan_.checkpoint_seconds;
    if (due || at_end(state) || pauses(state)) {
      CW_TRY(save(state, checkpoints, fingerprint, context));
      last_save = state.seconds;
    }
  }
  return {};
}

}  // namespace cw
