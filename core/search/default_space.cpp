// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/default_space.h"

#include <algorithm>

namespace cw {

std::vector<std::string> default_search(const std::string& kind, const Json& options, std::int64_t layers) {
  const bool multitask = kind == "finetune-multitask";
  std::vector<std::string> space;
  space.emplace_back(multitask ? "learning_rate=1e-5:1e-3:log" : "learning_rate=1e-6:1e-3:log");
  space.emplace_back(multitask ? "weight_decay=0.01:0.1" : "weight_decay=0:0.3");
  if (options.value("warmup_steps", std::int64_t{-1}) < 0) {
    space.emplace_back(multitask ? "warmup_share=0.005:0.01" : "warmup_share=0:0.3");
  }
  space.emplace_back(multitask ? "schedule=cosine" : "schedule=linear,cosine");
  if (options.value("lora_rank", std::int64_t{0}) == 0) {
    const std::int64_t most = std::max<std::int64_t>(layers - 1, 0);
    const std::int64_t least = multitask ? std::min<std::int64_t>(1, most) : 0;
    space.push_back("freeze_layers=" + std::to_string(least) + ":" + std::to_string(most));
  }
  return space;
}

}  // namespace cw
