// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/model_config.h"

#include <string>

namespace cw {

/// A published architecture with the rates of its training run (spec 3.1, 4.3).
struct Preset {
  ModelConfig config;  ///< vocabulary size 0: comes from the dictionary
  double learning_rate = 1e-3;
  std::string schedule = "linear";
  std::int64_t warmup_steps = 10000;  ///< or, where 0,
  double warmup_share = 0.0;          ///< of all steps
  double weight_decay = 0.001;
};

/// demo, v1-10m, v1-40m, v2-104m, v2-316m. Rates of v2-316m are not published: those of v2-104m.
/// Errors: kInvalidArgument E-TRN-009, naming the presets.
[[nodiscard]] Result<Preset> preset_of(const std::string& name);

}  // namespace cw
