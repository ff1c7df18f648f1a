// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/presets.h"

#include "core/weights/model_tools.h"

#include <array>

namespace cw {
namespace {

struct Row {
  const char* name;
  double learning_rate;
  const char* schedule;
  std::int64_t warmup_steps;
  double warmup_share;
};

// Weight decay is known for the V1 runs only (0.001) and taken for all.
constexpr std::array kRows{
    Row{"demo", 1e-3, "cosine", 0, 0.05},      Row{"v1-10m", 1e-3, "linear", 10000, 0.0},
    Row{"v1-40m", 5e-4, "linear", 10000, 0.0}, Row{"v2-104m", 2e-4, "cosine", 0, 0.007},
    Row{"v2-316m", 2e-4, "cosine", 0, 0.007},
};

}  // namespace

Result<Preset> preset_of(const std::string& name) {
  std::string known;
  for (const Row& row : kRows) {
    known += (known.empty() ? "" : ", ") + std::string(row.name);
    if (name != row.name) continue;
    Preset preset;
    CW_ASSIGN(preset.config, model_preset(name));
    preset.config.vocab_size = 0;
    preset.learning_rate = row.learning_rate;
    preset.schedule = row.schedule;
    preset.warmup_steps = row.warmup_steps;
    preset.warmup_share = row.warmup_share;
    return preset;
  }
  return Error{ErrorCode::kInvalidArgument, "E-TRN-009",
               "there is no preset called '" + name + "'; the presets are: " + known};
}

}  // namespace cw
