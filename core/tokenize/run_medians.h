// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/medians_options.h"
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/base/result.h"

namespace cw {

/// The job "medians": for each gene the median of its non-zero counts per 10,000 over all cells of the inputs, in one
/// pass; and a dictionary folder that `--dictionary` takes: tokens.tsv (genes by rising Ensembl id after the special
/// tokens), dictionary.json, medians.json (median and number of cells of every gene, inputs with checksums, options).
///
/// Source   behaviour spec 2.8. Deviation: no t-digest; see MedianSketch for the error.
/// Errors   as `tokenize_dataset`; E-TOK-006 where no gene is left.
/// Memory   does not grow with the number of cells once a gene was seen in 1,024 of them.
[[nodiscard]] Result<Json> run_medians(const MediansOptions& options, JobContext& ctx);

}  // namespace cw
