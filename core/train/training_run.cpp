// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_run.h"

#include <ATen/Parallel.h>

#include <cstdint>
#include <span>

namespace cw {

OneTorchThread::OneTorchThread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
OneTorchThread::~OneTorchThread() { at::set_num_threads(before_); }

Result<TrainingState> begin_or_resume(const RunStart& start, const Json& fingerprint,
                                      const CheckpointStore& checkpoints, Parameters& parameters,
                                      const std::function<Result<>()>& initialise, JobContext& context) {
  Result<std::optional<TrainingState>> found = checkpoints.load(parameters, fingerprint, context);
  if (!found.ok() && !start.overwrite) return found.error();
  if (found.ok() && found->has_value()) {
    checkpoints.remove_old();
    context.event("note", {{"text", "going on after step " + std::to_string((*found)->step)}});
    return std::move(**found);
  }
  if (start.resume) {
    return Error{ErrorCode::kNotFound, "E-TRN-004",
                 start.out + ": holds no checkpoint to go on from; leave out --resume to start"};
  }
  CW_TRY(checkpoints.clear());
  CW_TRY(initialise());
  return TrainingState{};
}

Result<TrainingState> begin_together(const RunStart& start, const Json& fingerprint, const CheckpointStore& checkpoints,
                                     Parameters& parameters, const std::function<Result<>()>& initialise,
                                     GradientExchange& exchange, JobContext& context) {
  TrainingState state;
  std::string text;
  if (exchange.rank() == 0) {
    CW_ASSIGN(state, begin_or_resume(start, fingerprint, checkpoints, parameters, initialise, context));
    text = to_json(state).dump();
  }
  std::uint64_t length = text.size();
  CW_TRY(exchange.from_first(std::as_writable_bytes(std::span(&length, 1))));
  text.resize(length);
  CW_TRY(exchange.from_first(std::as_writable_bytes(std::span(text))));
  CW_TRY(exchange.spread_values(parameters));
  CW_TRY(exchange.spread_moments(parameters));
  parameters.drop_whole_moments();
  if (exchange.rank() == 0) return state;
  CW_ASSIGN(const Json json, parse_json(text, "the state of process 0"));
  return training_state_from_json(json, "process 0");
}

Result<> load_best_together(const CheckpointStore& checkpoints, Parameters& parameters, GradientExchange& exchange) {
  if (exchange.rank() == 0) CW_TRY(checkpoints.load_best(parameters));
  return exchange.spread_values(parameters);
}

}  // namespace cw
