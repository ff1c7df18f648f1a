// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ranking/stability.h"

#include "core/stats/cell_mean.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

constexpr std::size_t kTop = 50;
constexpr double kStableTau = 0.95;

// For each cell the place in which the run visited it first.
std::vector<std::int64_t> visiting_order(const Effects& run, std::int64_t& num_visited) {
  std::vector<std::int64_t> place(run.cells.size(), -1);
  num_visited = 0;
  for (const std::int32_t cell : run.cell) {
    if (place[static_cast<std::size_t>(cell)] < 0) place[static_cast<std::size_t>(cell)] = num_visited++;
  }
  return place;
}

CellMean mean_of_first(std::span<const std::int32_t> cells, std::span<const float> values,
                       const std::vector<std::int64_t>& place, double limit) {
  CellMean mean;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (static_cast<double>(place[static_cast<std::size_t>(cells[i])]) >= limit || std::isnan(values[i])) continue;
    mean.add(values[i]);
  }
  return mean;
}

}  // namespace

Stability ranking_stability(const Effects& run, const RunRows& rows, const std::vector<float>& gathered) {
  std::int64_t num_visited = 0;
  const auto place = visiting_order(run, num_visited);
  // Kendall's tau of the top at `share` of the cells against half of those.
  const auto tau_at = [&](double share) {
    const double limit = share * static_cast<double>(num_visited);
    std::vector<std::pair<double, double>> effects;  // with all cells up to the limit, with half of them
    for (std::int32_t p = 0; p < rows.num_perturbations(); ++p) {
      if (run.perturbations[static_cast<std::size_t>(p)].role == "null") continue;
      const auto cells = rows.cells_of(p);
      const auto values = rows.of(gathered, p);
      const CellMean all = mean_of_first(cells, values, place, limit);
      const CellMean half = mean_of_first(cells, values, place, 0.5 * limit);
      // what only one or two cells have, more cells do not change: it would look stable
      const bool ranked = static_cast<double>(all.n) >= std::min(static_cast<double>(kFewestCellsOfGene), limit);
      if (ranked && half.n > 0) effects.emplace_back(all.mean(), half.mean());
    }
    std::sort(effects.begin(), effects.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    effects.resize(std::min(effects.size(), kTop));
    std::vector<double> now;
    std::vector<double> before;
    for (const auto& [all, half] : effects) {
      now.push_back(all);
      before.push_back(half);
    }
    return kendall(now, before);
  };
  const RankCorrelation tau = tau_at(1.0);
  const RankCorrelation tau_before = tau_at(0.75);
  return {tau, tau_before, tau.value >= kStableTau && tau_before.value >= kStableTau};
}

}  // namespace cw
