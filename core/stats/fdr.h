// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>
#include <vector>

namespace cw {

/// Benjamini–Hochberg false discovery rates, in the order of `p`: p·m/rank, cumulative minimum from the largest, at
/// most 1 (statsmodels' fdr_bh). NaN values stay NaN and do not count as tests.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace cw
