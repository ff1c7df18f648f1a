// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/effects/effects.h"
#include "core/stats/cell_mean.h"

#include <cstdint>
#include <vector>

namespace cw {

/// The ranking of perturbations as it stands while a run goes on (beyond 7): mean impact (1 - similarity) or, with
/// states, mean shift to the goal, over the cells so far. A perturbation of fewer than kFewestCellsOfGene cells has no
/// place in it yet, unless there are fewer cells altogether.
class RunningRanking {
 public:
  explicit RunningRanking(const EffectsHeader& header);

  void add(const EffectRows& rows);

  /// {cells, rows, top: [{perturbation, gene, effect, n_cells}], tau, stable}: the strongest `most`; tau of the top 50
  /// between all data and the first half of it (null while there is none); stable = tau >= 0.95 twice in a row.
  [[nodiscard]] Json publish(std::size_t most = 50);

 private:
  struct Checkpoint {
    std::int64_t num_rows = 0;
    std::vector<CellMean> means;
  };

  const EffectsHeader& header_;
  std::vector<CellMean> means_;
  std::vector<Checkpoint> checkpoints_;  ///< states of `means_`, thinned to those that a half may be taken from
  std::int64_t num_rows_ = 0;
  std::int32_t last_cell_ = -1;
  int num_stable_ = 0;
};

}  // namespace cw
