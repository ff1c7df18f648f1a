// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <string>

namespace cw {

/// The report of `cellwright example`, as Markdown in plain words, from the summaries of its steps
/// (inspect, tokenize, embed, map, markers, perturb, stats).
[[nodiscard]] std::string example_report(const Json& steps);

}  // namespace cw
