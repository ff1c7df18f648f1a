// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/effects/effects.h"

#include <cstdint>
#include <vector>

namespace cw {

/// The ranking of perturbations as it stands while a run goes on (beyond 7): mean impact (1 - similarity) or, with
/// states, mean shift to the goal, over the cells so far.
class RunningRanking {
 public:
  explicit RunningRanking(const EffectsHeader& header);

  void add(const EffectRows& rows);

  /// {cells, rows, top: [{perturbation, gene, effect, n_cells}], tau, stable}: the strongest `most`; tau of the top 50
  /// between all data and the first half of it (null while there is none); stable = tau >= 0.95 twice in a row.
  [[nodiscard]] Json publish(std::size_t most = 50);

 private:
  struct Sum {
    double total = 0.0;
    std::int64_t n = 0;
    [[nodiscard]] double mean() const { return n > 0 ? total / static_cast<double>(n) : 0.0; }
  };
  struct Checkpoint {
    std::int64_t num_rows = 0;
    std::vector<Sum> sums;
  };

  const EffectsHeader& header_;
  std::vector<Sum> sums_;
  std::vector<Checkpoint> checkpoints_;  ///< states of `sums_`, thinned to those that a half may be taken from
  std::int64_t num_rows_ = 0;
  std::int32_t last_cell_ = -1;
  int num_stable_ = 0;
};

}  // namespace cw
