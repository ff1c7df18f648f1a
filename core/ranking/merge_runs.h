// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/effects/effects.h"

#include <string>
#include <vector>

namespace cw {

/// A run and the name by which messages call it.
struct NamedRun {
  std::string name;
  Effects effects;
};

/// Puts the rows of several runs of one experiment together: other cells, other genes, or both. Cells are recognised by
/// name and source row, perturbations by kind, role and genes. A pair (cell, perturbation) that two runs hold is taken
/// from the first (warning W-RNK-002); a run that was stopped counts with the cells it saw (W-RNK-003), as does a part
/// of a run (W-RNK-007). Effects on
/// genes are pooled; of a perturbation that two runs hold for the same cells, the first run's are taken (W-RNK-006
/// where only some of the cells are the same). Errors: kRefused E-RNK-002 (other model, vocabulary, layer, mode or
/// states), naming both runs and both values.
[[nodiscard]] Result<Effects> merge_runs(std::vector<NamedRun> runs, JobContext& context);

/// Refuses two runs whose numbers must not be put side by side. Errors: kRefused E-RNK-002.
[[nodiscard]] Result<> require_comparable(const NamedRun& first, const NamedRun& other);

}  // namespace cw
