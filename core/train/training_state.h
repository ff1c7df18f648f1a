// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// Losses at one validation, in nats per prediction.
struct ValidationPoint {
  std::int64_t step = 0;
  double training_loss = 0.0;             ///< mean over the steps since the last validation, dropout on
  double loss = 0.0;                      ///< on the cells kept out, dropout off
  std::map<std::string, double> metrics;  ///< what else the objective measured there
};

/// Where a run stands. Together with weights and optimiser moments this is all that a stopped run needs to go on as if
/// it had not been stopped: every random draw is a function of the seed and of these counters.
struct TrainingState {
  std::int64_t step = 0;                            ///< optimiser steps done
  std::int64_t epoch = 0;                           ///< pass over the training cells that the next batch belongs to
  std::int64_t batch = 0;                           ///< place of the next batch in that pass
  std::int64_t tokens = 0, cells = 0, targets = 0;  ///< seen in training so far, all processes
  double seconds = 0.0;                             ///< spent in training and validation
  double loss_sum = 0.0;                            ///< of the steps since the last validation
  std::int64_t loss_steps = 0;
  std::optional<double> best_figure;  ///< of the best validation so far; nothing before the first
  std::int64_t best_step = 0;
  std::int64_t validations_since_best = 0;
  bool finished = false;
  std::vector<ValidationPoint> history;
};

[[nodiscard]] Json to_json(const TrainingState& state);
/// Errors: kParse E-TRN-006.
[[nodiscard]] Result<TrainingState> training_state_from_json(const Json& json, const std::string& where);

}  // namespace cw
