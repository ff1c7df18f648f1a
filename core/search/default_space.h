// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// What is searched where the user says nothing, as parse_search_setting takes it: the published spaces (spec 8.6 for
/// cells and genes, 9.3 for several columns), for a model of so many layers. Two things differ. The published warm-up
/// of 100 to 2,000 steps is a share of the run, so that it fits short ones; the published schedules besides the linear
/// and the cosine one (a polynomial of power 1) are the linear one. The seed is not searched: the split depends on it.
/// What `options` fix for good (steps of warm-up, a frozen encoder with LoRA) is left out.
[[nodiscard]] std::vector<std::string> default_search(const std::string& kind, const Json& options,
                                                      std::int64_t layers);

}  // namespace cw
