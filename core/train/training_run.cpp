// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_run.h"

#include <ATen/Parallel.h>

namespace cw {

OneTorchThread::OneTorchThread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
OneTorchThread::~OneTorchThread() { at::set_num_threads(before_); }

Result<TrainingState> begin_or_resume(const RunStart& start, const Json& fingerprint,
                                      const CheckpointStore& checkpoints, Parameters& parameters,
                                      const std::function<Result<>()>& initialise, JobContext& context) {
  Result<std::optional<TrainingState>> found = checkpoints.load(parameters, fingerprint, context);
  if (!found.ok() && !start.overwrite) return found.error();
  if (found.ok() && found->has_value()) {
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

}  // namespace cw
