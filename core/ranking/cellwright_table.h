// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"
#include "core/ranking/linear_baseline.h"
#include "core/ranking/stability.h"

#include <cstdint>

namespace cw {

/// How the default table is made.
struct RankingOptions {
  int bootstrap_samples = 1000;
  std::uint64_t seed = 42;
  int num_threads = 0;
  const Effects* control = nullptr;  ///< the same perturbations in control cells, in the place of the null
  bool pairs_only = false;           ///< rows of pairs, with `synergy`, strongest synergy first
  bool impact_components = false;  ///< add `impact_component` and `impact_percent` by the rescaled mixture (no states)
};

/// What the list as a whole says.
struct RankingSummary {
  std::vector<std::string> states;  ///< empty, or start, goal, alternatives
  std::int64_t num_perturbations = 0;
  std::int64_t num_hits = 0;  ///< fdr < 0.05
  std::int64_t num_cells = 0;
  std::int64_t num_donors = 0;    ///< named in the run
  std::int64_t num_by_donor = 0;  ///< perturbations whose replicates are donors
  bool has_null = false;
  bool against_control = false;  ///< the null is the same perturbation in control cells
  RankCorrelation baseline;      ///< Spearman of effect and baseline; NaN without baseline
  Stability stability;
  std::string pretraining;  ///< whether the model has learned from these cells, and how we know
};

struct Ranking {
  Table table;  ///< columns of cli.md 3.5; `rank` is the first column
  RankingSummary summary;
};

/// The default table: definitions in spec/beyond.md 1, 3 to 5. Rows are sorted by the excess over the null in standard
/// errors (z), largest first: towards the goal, or the strongest impact; without a null by effect.
///
/// `effect`, `ci_*` and `null_*` are in the units of the outcome: impact = 1 − similarity without states, shift of the
/// cosine towards the goal with states. `p` compares with the null, never with zero: over donors by a t-test of the
/// donors' excess, otherwise it is `vs_null_p`. `n_cells` counts the cells that enter the effect. `flags` are joined by
/// ";". `baseline` may be absent. Errors: kInvalidArgument E-RNK-001 (nothing to rank), kCancelled.
[[nodiscard]] Result<Ranking> rank_perturbations(const Effects& run, const LinearBaseline* baseline,
                                                 const RankingOptions& options, JobContext& context);

}  // namespace cw
