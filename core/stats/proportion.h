// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/stats/descriptive.h"

#include <cstdint>

namespace cw {

/// Exact Clopper–Pearson interval of a proportion: [0, 1] for no trials. `0 <= successes <= trials`.
[[nodiscard]] Interval clopper_pearson(std::int64_t successes, std::int64_t trials, double level = 0.95);

/// One-sided upper Clopper–Pearson bound: with confidence `level` the proportion is at most this.
[[nodiscard]] double clopper_pearson_upper(std::int64_t successes, std::int64_t trials, double level = 0.95);

}  // namespace cw
