// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/data/column.h"
#include "core/evaluate/metrics.h"

namespace cw {

/// A model with what it says of the test rows; all models of a comparison have the same rows in the same order.
struct ComparedModel {
  std::string model;     ///< "fine-tuned", "majority", "logistic-regression", ...
  std::string features;  ///< what it sees: "tokens", "PCA of log counts", "frozen embedding", ""
  Predictions predictions;
};

/// First model minus another, row by row the same cells.
struct PairedDifference {
  std::string model, features;  ///< the other
  std::array<double, kNumMetrics> value{};
  std::array<Interval, kNumMetrics> interval{};
};

struct Comparison {
  std::vector<std::string> models, features;
  std::vector<ModelScores> scores;            ///< of each model
  std::vector<PairedDifference> differences;  ///< of each model but the first
  Metric main = Metric::kMacroF1;             ///< decides which baseline is the best
  std::size_t best = 0;                       ///< index into `models` of the best other one
  std::string verdict;                        ///< one or two plain sentences
  std::vector<std::string> flags;
};

/// Scores the models, and the first against each of the others. Errors: kShape E-EVA-013 (other rows or classes),
/// kInvalidArgument E-EVA-014 (fewer than two models), those of score_model, kCancelled.
[[nodiscard]] Result<Comparison> compare_models(std::span<const ComparedModel> models, const IntervalOptions& options,
                                                JobContext& ctx);

[[nodiscard]] Json to_json(const Comparison& comparison);
/// model, features, n_cells, n_donors, METRIC, METRIC_low, METRIC_high ..., difference, difference_low, difference_high
/// (first model minus this one, of the main metric), interval_over, flags.
[[nodiscard]] std::vector<Column> comparison_table(const Comparison& comparison);

}  // namespace cw
