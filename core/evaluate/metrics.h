// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/curves.h"
#include "core/evaluate/intervals.h"
#include "core/evaluate/predictions.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// Figures of a classification as a whole, in the order of `ModelScores::overall`. All as scikit-learn defines them.
enum class Metric : std::uint8_t {
  kAccuracy,
  kBalancedAccuracy,  ///< mean recall over the classes that occur
  kMacroF1,           ///< mean F1 over the classes that occur or were predicted
  kMacroAuroc,        ///< mean over classes of the area under the ROC curve, one against the rest
  kMacroAuprc,        ///< mean over classes of the average precision
  kLogLoss,           ///< NaN without probabilities, as the two below
  kBrier,             ///< two classes: mean (p - y)^2 of the second; more: summed over classes
  kCalibrationError   ///< expected calibration error of the predicted class, ten bins of equal width
};
inline constexpr std::size_t kNumMetrics = 8;
/// "accuracy", "balanced_accuracy", "macro_f1", "macro_auroc", "macro_auprc", "log_loss", "brier", "ece".
[[nodiscard]] std::string_view name_of(Metric metric) noexcept;
/// The largest value there can be; infinite for the log loss. The smallest is 0.
[[nodiscard]] double upper_limit(Metric metric) noexcept;
/// Whether a larger value is a better one.
[[nodiscard]] bool larger_is_better(Metric metric) noexcept;

/// Figures of one class against the rest, in the order of `ClassScores::values`.
enum class ClassMetric : std::uint8_t { kPrecision, kRecall, kF1, kAuroc, kAuprc };
inline constexpr std::size_t kNumClassMetrics = 5;
/// "precision", "recall", "f1", "auroc", "auprc".
[[nodiscard]] std::string_view name_of(ClassMetric metric) noexcept;

/// All figures of some weighting of the rows.
struct Scores {
  std::array<double, kNumMetrics> overall{};
  std::vector<std::array<double, kNumClassMetrics>> classes;  ///< [C]
  std::vector<double> confusion;                              ///< row-major [C, C]: true class by predicted class

  [[nodiscard]] double operator[](Metric metric) const noexcept { return overall[static_cast<std::size_t>(metric)]; }
};

/// Predictions prepared for scoring under many weightings. Rows of unknown truth do not count.
class Scorer {
 public:
  explicit Scorer(const Predictions& predictions);

  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(truth_.size()); }
  /// Rows of the predictions that are scored, rising.
  [[nodiscard]] const std::vector<std::int64_t>& rows() const noexcept { return rows_; }
  /// `weights`: one per scored row, empty = 1 each. May be called by several threads.
  [[nodiscard]] Scores score(std::span<const double> weights) const;
  [[nodiscard]] const RankedScores& ranked(std::size_t of_class) const { return ranked_[of_class]; }

 private:
  std::size_t num_classes_;
  bool probabilities_;
  std::vector<std::int64_t> rows_;
  std::vector<std::int32_t> truth_, predicted_;
  std::vector<double> confidence_, log_loss_, brier_;  // [rows], where there are probabilities
  std::vector<RankedScores> ranked_;                   // [C]
};

/// Reliability: how often predictions of a confidence are right.
struct ReliabilityBin {
  double low = 0.0, high = 0.0;  ///< (low, high]; the first also holds `low`
  std::int64_t count = 0;
  double mean_probability = 0.0;  ///< NaN when empty
  double observed = 0.0;          ///< share that is right; NaN when empty
};
/// Ten (`num_bins`) bins of equal width, as sklearn.calibration.calibration_curve. `probability` in [0, 1].
[[nodiscard]] std::vector<ReliabilityBin> reliability(std::span<const double> probability,
                                                      std::span<const std::uint8_t> right, int num_bins = 10);

/// The figures of a model with intervals.
struct ModelScores {
  Scores scores;
  std::array<Interval, kNumMetrics> overall{};
  std::vector<std::array<Interval, kNumClassMetrics>> classes;
  std::vector<std::int64_t> support;         ///< [C] rows of each class
  std::vector<std::int64_t> support_groups;  ///< [C] donors of each class
  std::int64_t num_rows = 0, num_groups = 0;
  std::string interval_over;  ///< "donors", "folds", "cells", ...
  std::int64_t num_replicates = 0;
  std::vector<std::string> flags;  ///< "few-donors", "cells-not-donors", "class-with-one-donor"
};

/// Errors: kRefused E-EVA-010 (no row of known class), kCancelled.
[[nodiscard]] Result<ModelScores> score_model(const Predictions& predictions, const IntervalOptions& options,
                                              JobContext& ctx);

/// Regression on rows where both are finite.
struct RegressionScores {
  double r2 = 0.0, spearman = 0.0, pearson = 0.0, rmse = 0.0, mae = 0.0;
};
/// `weights`: how often each row counts, whole numbers; empty = once.
[[nodiscard]] RegressionScores score_regression(std::span<const double> truth, std::span<const double> predicted,
                                                std::span<const double> weights = {});
/// In the order of the fields: that of kNumberFigures.
[[nodiscard]] std::array<double, 5> figures_of(const RegressionScores& scores);

/// The same five figures (in that order) with intervals over donors, folds or rows. Errors: kRefused E-EVA-010.
[[nodiscard]] Result<Estimates> estimate_regression(std::span<const double> truth, std::span<const double> predicted,
                                                    const Replicates& replicates, const IntervalOptions& options,
                                                    JobContext& ctx);

}  // namespace cw
