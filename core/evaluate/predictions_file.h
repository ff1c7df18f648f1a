// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/evaluate/predictions.h"

#include <filesystem>
#include <span>
#include <string>

namespace cw {

/// How to read a file of predictions.
struct PredictionsLayout {
  std::string truth;           ///< column of the true class; "" = the first of true, truth, label, true_label
  std::string group = "auto";  ///< column of donors; "auto" = donor, patient, ... if there is one; "none"
  std::string genes;           ///< column of genes, where rows are occurrences of genes; "" = rows are cells
  bool leave_out_unknown = false;
};

/// Reads predictions of classes, as `cellwright predict` and `finetune` write them.
///
/// File     CSV or TSV (gzipped or not) with a header: `cell` first, a column with the true class, columns p_CLASS with
/// a
///          probability each, or `predicted` alone; optional `fold`, and a column of donors. A row may lack its true
///          class or its donor.
/// Result   scores are probabilities if every row sums to 1 within 1e-3, else margins (W-EVA-007). With `genes`, scores
///          are logarithms of probabilities and groups are genes.
/// Errors   kNotFound (file); kParse E-EVA-016 (no such column, a row of another length), E-EVA-017 (a probability that
///          is no finite number); kRefused E-EVA-018 (true classes that the model does not know; with
///          leave_out_unknown a warning W-EVA-008).
[[nodiscard]] Result<Predictions> read_predictions(const std::filesystem::path& path, const PredictionsLayout& layout,
                                                   JobContext& ctx);

/// Numbers of a regression: columns true and predicted.
struct NumberPredictions {
  std::vector<std::string> names;  ///< cells
  std::vector<double> truth, predicted;
  std::vector<std::int32_t> groups, folds;  ///< as in Predictions
};
/// Rows without a true number are left out. Errors: kParse E-EVA-016, E-EVA-017.
[[nodiscard]] Result<NumberPredictions> read_number_predictions(const std::filesystem::path& path,
                                                                const PredictionsLayout& layout);

}  // namespace cw
