// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ranking/null_reference.h"

namespace cw {

/// Compares each perturbation with the same one in a run on control cells (--null-run) instead of with other genes.
///
/// `mean` is the effect in the control cells, `sd` its standard error, `z` = difference / sqrt(se² + sd²). `p`: Welch's
/// t-test between donors where both runs have donors as replicates, else the rank-sum test between cells. NaN where the
/// control run lacks the perturbation. `gathered` and `outcome` are those of `run`; `column` is the column of the
/// cosine, without states the impact is taken.
[[nodiscard]] std::vector<NullSummary> compare_with_control(const Effects& run, const RunRows& rows,
                                                            const std::vector<float>& gathered,
                                                            const std::vector<OutcomeSummary>& outcome,
                                                            const Effects& control, std::int64_t column,
                                                            int num_threads);

/// Column `column` of the cosine as outcome, in gathered order: shifts as they are; without states impact = 1 −
/// similarity.
[[nodiscard]] std::vector<float> gather_outcome(const Effects& run, const RunRows& rows, std::int64_t column);

}  // namespace cw
