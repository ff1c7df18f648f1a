// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/data/column.h"
#include "core/evaluate/metrics.h"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// The figures of a regression in the order of estimate_regression.
inline constexpr std::array<std::string_view, 5> kNumberFigures{"r2", "spearman", "pearson", "rmse", "mae"};
inline constexpr std::size_t kRmse = 3;

/// A model of a number with what it says of the test rows; all models of a comparison have the same rows.
struct NumberModel {
  std::string model;     ///< "fine-tuned", "mean", "ridge", ...
  std::string features;  ///< what it sees, as ComparedModel::features
  std::vector<double> predicted;
};

struct NumberComparison {
  std::vector<std::string> models, features;
  std::int64_t num_rows = 0;
  std::vector<Estimates> figures;      ///< of each model
  std::vector<Estimates> differences;  ///< first model minus this one, of each but the first: RMSE below 0 is better
  std::size_t best = 0;                ///< index into `models` of the other one with the smallest RMSE
  std::string verdict;                 ///< one or two plain sentences
  std::vector<std::string> flags;      ///< "cells-not-donors"
};

/// Scores the models, and the first against each of the others, by resampling the same rows. Errors: kShape E-EVA-013
/// (a model of other rows), kInvalidArgument E-EVA-014 (fewer than two models), kRefused E-EVA-010, kCancelled.
[[nodiscard]] Result<NumberComparison> compare_number_models(std::span<const double> truth,
                                                             std::span<const NumberModel> models,
                                                             const Replicates& replicates,
                                                             const IntervalOptions& options, JobContext& ctx);

[[nodiscard]] Json to_json(const NumberComparison& comparison);
/// model, features, n_cells, FIGURE, FIGURE_low, FIGURE_high ..., difference, difference_low, difference_high (of the
/// RMSE: first model minus this one), interval_over, replicates, flags.
[[nodiscard]] std::vector<Column> comparison_table(const NumberComparison& comparison);
/// The same as Markdown, with the verdict.
[[nodiscard]] std::string comparison_text(const NumberComparison& comparison);

}  // namespace cw
