// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ranking/run_rows.h"
#include "core/stats/rank_correlation.h"

#include <vector>

namespace cw {

/// Does the top of the ranking still change with more cells (beyond 7)?
struct Stability {
  RankCorrelation tau;         ///< Kendall: top 50 by mean effect, all cells against the first half of them
  RankCorrelation tau_before;  ///< the same one step earlier: three quarters of the cells against half of those
  bool stable;                 ///< both at least 0.95
};

/// Cells count in the order in which the run visited them, so that each part is a fair sample. `gathered`: the outcome
/// to rank by, larger first. Perturbations of role "null" do not take part; nor do those that half of the cells do not
/// measure, nor those of fewer than kFewestCellsOfGene cells.
[[nodiscard]] Stability ranking_stability(const Effects& run, const RunRows& rows, const std::vector<float>& gathered);

}  // namespace cw
