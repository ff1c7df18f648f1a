// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Mean of each column of row-major [rows, width] values; sums in double.
[[nodiscard]] std::vector<float> column_means(std::span<const float> values, std::int64_t width);

/// Median of each column: of an even number of values the mean of the two middle ones, or with `lower_middle` the lower
/// of them, as the published package returns (geneformer-behaviour 5.5).
[[nodiscard]] std::vector<float> column_medians(std::span<const float> values, std::int64_t width, bool lower_middle);

}  // namespace cw
