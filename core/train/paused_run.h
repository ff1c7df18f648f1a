// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/trainer.h"

namespace cw {

/// The summary of a fine-tuning that was told to pause (FinetuneOptions::pause_after): steps done and planned, time,
/// and the best figure of the validation part so far (null without such a part). The test part is not looked at.
/// Errors: those of Objective::validate.
[[nodiscard]] Result<Json> paused_summary(const std::string& metric, const Trainer& trainer, const TrainingState& state,
                                          JobContext& ctx);

}  // namespace cw
