// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

namespace cw {

enum class Schedule { kLinear, kCosine, kConstant };

/// "linear", "cosine", "constant"; anything else has been refused by PretrainOptions::validate.
[[nodiscard]] Schedule schedule_of(std::string_view name) noexcept;

/// Factor on the highest learning rate at `time` of `total`, after a linear warm-up of `warmup` (spec 4.3; units are
/// steps, or seconds where a run is limited by time). Source: transformers' get_*_schedule_with_warmup.
[[nodiscard]] double rate_factor(Schedule schedule, double time, double warmup, double total) noexcept;

}  // namespace cw
