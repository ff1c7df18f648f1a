// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/evaluate/comparison.h"
#include "core/evaluate/metrics.h"

#include <filesystem>

namespace cw {

/// {"accuracy": {"value", "low", "high"}, ...} of `overall`, then "unit", "n_rows", "n_donors", "interval_over",
/// "replicates", "flags": what metrics.json holds of one model.
[[nodiscard]] Json to_json(const ModelScores& scores);

/// Writes per_class.csv, confusion.csv, and, where there are scores, roc.csv, pr.csv and calibration.csv into an
/// existing folder: columns in docs/evaluation.md. Errors: kIo, kNoSpace.
[[nodiscard]] Result<> write_evaluation_tables(const std::filesystem::path& folder, const Predictions& predictions,
                                               const ModelScores& scores);

/// What the figures mean, in plain words, as Markdown. `title` names the predictions.
[[nodiscard]] std::string evaluation_text(const std::string& title, const Predictions& predictions,
                                          const ModelScores& scores);

/// A table of the models of a comparison with its verdict, as Markdown.
[[nodiscard]] std::string comparison_text(const Comparison& comparison);

/// One sentence per flag of a scoring.
[[nodiscard]] std::string flag_text(const std::string& flag);

}  // namespace cw
