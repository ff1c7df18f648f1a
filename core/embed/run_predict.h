// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/predict_options.h"
#include "core/base/job_context.h"

namespace cw {

/// Labels every cell with the classifiers' classes and writes a CSV: cell; per model LABEL, LABEL_probability and, if
/// asked, LABEL_p_CLASS. The name of a label is the column that the model learned. No label is needed in the input.
///
/// Source   spec 8 and 11 (#61). A class below the threshold is "unknown"; the probability stays.
/// Errors   those of opening (open_inputs.h) and selecting; kRefused E-FIN-008 (not a cell classifier), E-FIN-009 (two
///          models that name their label the same); kCancelled, kNoSpace.
/// Returns  cells, and per label the number of cells of each class.
[[nodiscard]] Result<Json> run_predict(const PredictOptions& options, JobContext& ctx);

}  // namespace cw
