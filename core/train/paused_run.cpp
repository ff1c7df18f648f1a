// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/paused_run.h"

#include <algorithm>

namespace cw {

Result<Json> paused_summary(const std::string& metric, const Trainer& trainer, const TrainingState& state,
                            JobContext& ctx) {
  CW_ASSIGN(const std::optional<double> figure, trainer.figure_of(state, ctx));
  return Json{{"paused", true},
              {"steps", state.step},
              {"planned_steps", trainer.plan().steps},
              {"metric", metric},
              {"figure", figure ? Json(*figure) : Json()},
              {"seconds", state.seconds},
              {"cells_per_second", static_cast<double>(state.cells) / std::max(state.seconds, 1e-9)}};
}

}  // namespace cw
