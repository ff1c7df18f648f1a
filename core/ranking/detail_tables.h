// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/table.h"
#include "core/effects/effects.h"

namespace cw {

/// One row per cell and perturbation, in the order of the run: gene, ensembl_id, perturbation, cell, state, donor,
/// effect (impact, or shift to the goal), progress (with states), relative_rank.
/// Errors: kInvalidArgument E-RNK-001 (no rows).
[[nodiscard]] Result<Table> cell_effects_table(const Effects& run);

/// One row per perturbation and affected gene, strongest first: gene, ensembl_id, perturbation, affected_gene,
/// affected_ensembl_id, effect (1 − mean cosine of the affected gene's embedding), sd, n_cells.
/// Errors: kInvalidArgument E-RNK-001 (the run has no effects on genes).
[[nodiscard]] Result<Table> gene_effects_table(const Effects& run);

}  // namespace cw
