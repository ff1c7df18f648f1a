// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

namespace cw {

enum class Schedule { kLinear, kCosine, kConstant, kPolynomial };

/// "linear", "cosine", "constant", "polynomial"; anything else has been refused by the options' validate.
[[nodiscard]] Schedule schedule_of(std::string_view name) noexcept;

/// Learning rate at `time` of `total`, after a linear warm-up of `warmup` to `highest` (spec 4.3; units are steps, or
/// seconds where a run is limited by time). kPolynomial falls linearly to 1e-7 instead of 0.
/// Source: transformers' get_*_schedule_with_warmup.
[[nodiscard]] double rate_at(Schedule schedule, double highest, double time, double warmup, double total) noexcept;

}  // namespace cw
