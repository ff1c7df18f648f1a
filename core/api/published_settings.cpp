// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/published_settings.h"

namespace cw {
namespace {

constexpr const char* kSwitch = "match_upstream";
constexpr std::int64_t kNever = 1'000'000'000;  // steps between validations: there is one at the end

}  // namespace

Json published_settings(std::string_view kind) {
  Json settings = {{kSwitch, true}, {"train_embeddings", true}};
  if (kind == "finetune-cells") {
    settings.update({{"group", "none"}, {"metric", "loss"}});
  } else if (kind == "finetune-multitask") {
    settings.update({{"epochs", 1.0},
                     {"batch_size", 4},
                     {"learning_rate", 1e-3},
                     {"schedule", "cosine"},
                     {"warmup_share", 0.01},
                     {"weight_decay", 0.1},
                     {"clip", 0.0},
                     {"freeze_layers", 2},
                     {"pooling", "first"},
                     {"validate_every", kNever}});
  }
  return settings;
}

Json with_published_settings(std::string_view kind, Json given) {
  if (!given.is_object()) return given;
  const auto found = given.find(kSwitch);
  if (found == given.end() || !found->is_boolean() || !found->get<bool>()) return given;
  Json all = published_settings(kind);
  all.update(given);
  return all;
}

}  // namespace cw
