// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/data/table.h"
#include "core/effects/effects.h"

namespace cw {

/// The tables of the published statistics (geneformer-behaviour 7.3): their column names, order and sorting. The index
/// of a table is the row number before sorting, which the published CSV has as its unnamed first column.
/// Genes are ordered by token; several genes at once are written as tuples, "(12, 34)".
///
/// Errors of all: kInvalidArgument E-RNK-001 (the run does not hold what the table is about), kCancelled.

/// Mode goal_state_shift. Runs of every gene are tested against the pool of all genes' shifts (at most 100,000 values,
/// drawn as Python's random.sample with seed 42 does, A.2); lists give one row, the mean shifts of the first
/// perturbation.
[[nodiscard]] Result<Table> upstream_goal_table(const Effects& run, int num_threads, JobContext& context);

/// Mode vs_null: each gene against the same gene of a run on control cells.
[[nodiscard]] Result<Table> upstream_null_table(const Effects& run, const Effects& null_run, int num_threads,
                                                JobContext& context);

/// Mode mixture_model. Deviation: the impact component is the one with the lower mean similarity, always (§11 row 5).
[[nodiscard]] Result<Table> upstream_mixture_table(const Effects& run);

/// Mode mixture_model with combos=1: pairs of a run with --how anchor (or pairs), which the published code cannot read.
[[nodiscard]] Result<Table> upstream_pairs_table(const Effects& run);

/// Mode aggregate_data: one row per cell and perturbation.
[[nodiscard]] Result<Table> upstream_aggregate_table(const Effects& run);

/// Mode aggregate_gene_shifts: one row per perturbation and affected gene, and per perturbation the cell ("cell_emb").
[[nodiscard]] Result<Table> upstream_gene_effects_table(const Effects& run);

}  // namespace cw
