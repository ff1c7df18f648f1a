// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/markers_options.h"
#include "core/base/job_context.h"

namespace cw {

/// The job `markers`: marker genes of the groups of a column, as CSV with its provenance beside it.
///
/// Columns  group, rank, gene, ensembl_id, auc, cohens_d, log2fc, detected_in, detected_out, p, fdr, n_cells, n_donors,
///          flags; groups in the order of the column, genes by falling AUC. Flags: cells-not-donors (the test treats
///          cells as replicates), few-donors (less than three donors have enough cells), small-group (less than ten
///          cells), rarely-detected (in less than a tenth of the group).
/// Errors   kNotFound (file, column), kInvalidArgument E-MRK-002 (one group), E-MRK-003 (no cell of groups_file is in
///          the input), E-MRK-001 kRefused (no counts), those of the reader and of choose_counts, kCancelled.
Result<Json> run_markers(const MarkersOptions& options, JobContext& ctx);

}  // namespace cw
