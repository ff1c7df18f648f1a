// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/runs/run_question.h"

namespace cw::ui {

/// The options of a kind of job with values that suit the model and the data. What differs from default_options: small
/// models learn with the rate that our measurements were made with (docs/fine-tuning.md), and many cells need fewer
/// passes.
[[nodiscard]] Json suited_defaults(const QString& kind, const RunSize& size);

}  // namespace cw::ui
