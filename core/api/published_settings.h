// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <string_view>

namespace cw {

/// The options of a fine-tuning job ("finetune-cells", "finetune-genes", "finetune-multitask") for which the published
/// package has another value than we, `match_upstream` among them: {"train_embeddings": true, ...}. They are what a job
/// with `match_upstream` begins with; what is given beside it goes before. Source: behaviour spec 8.4, 8.7 and 9.3.
[[nodiscard]] Json published_settings(std::string_view kind);

/// `given` options of such a job, with the published settings for what they leave out where they say `match_upstream`.
[[nodiscard]] Json with_published_settings(std::string_view kind, Json given);

}  // namespace cw
