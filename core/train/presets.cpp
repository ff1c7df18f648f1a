// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/presets.h"

#include <array>

namespace cw {
namespace {

struct Row {
  const char* name;
  std::int64_t positions, hidden, layers, heads, ffn;
  double dropout, learning_rate;
  const char* schedule;
  std::int64_t warmup_steps;
  double warmup_share;
};

// Weight decay is known for the V1 runs only (0.001) and taken for all.
constexpr std::array kRows{
    Row{"demo", 2048, 128, 4, 2, 128, 0.1, 1e-3, "cosine", 0, 0.05},
    Row{"v1-10m", 2048, 256, 6, 4, 512, 0.02, 1e-3, "linear", 10000, 0.0},
    Row{"v1-40m", 2048, 512, 12, 8, 1024, 0.02, 5e-4, "linear", 10000, 0.0},
    Row{"v2-104m", 4096, 768, 12, 12, 3072, 0.1, 2e-4, "cosine", 0, 0.007},
    Row{"v2-316m", 4096, 1152, 18, 18, 4608, 0.1, 2e-4, "cosine", 0, 0.007},
};

}  // namespace

Result<Preset> preset_of(const std::string& name) {
  std::string known;
  for (const Row& row : kRows) {
    known += (known.empty() ? "" : ", ") + std::string(row.name);
    if (name != row.name) continue;
    Preset preset;
    preset.config.max_positions = row.positions;
    preset.config.hidden = row.hidden;
    preset.config.layers = row.layers;
    preset.config.heads = row.heads;
    preset.config.ffn = row.ffn;
    preset.config.hidden_dropout = preset.config.attention_dropout = row.dropout;
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
