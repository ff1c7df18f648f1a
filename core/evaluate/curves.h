// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Points of a curve, from the highest threshold down.
struct Curve {
  std::vector<double> x;          ///< false positive rate, or recall
  std::vector<double> y;          ///< true positive rate, or precision
  std::vector<double> threshold;  ///< scores from here up count as positive; the first is infinite
};

/// Scores of one class against the rest, sorted once, so that areas of many weightings are quick.
/// Agrees with scikit-learn's roc_curve (every threshold kept), roc_auc_score, precision_recall_curve and
/// average_precision_score. Equal scores share one threshold.
class RankedScores {
 public:
  /// `positive[i]` != 0 where row i is of the class.
  RankedScores(std::span<const double> scores, std::span<const std::uint8_t> positive);

  /// Area under the ROC curve; NaN without positives or negatives. `weights` empty = 1 each.
  [[nodiscard]] double roc_area(std::span<const double> weights) const;
  /// Average precision: sum of precision times the step in recall. NaN without positives.
  [[nodiscard]] double average_precision(std::span<const double> weights) const;
  /// From (0, 0) to (1, 1). Empty without positives or negatives.
  [[nodiscard]] Curve roc() const;
  /// From recall 0 (precision 1 by convention) on. Empty without positives.
  [[nodiscard]] Curve precision_recall() const;

 private:
  std::vector<std::int32_t> order_;     // rows by falling score
  std::vector<std::uint8_t> positive_;  // in that order
  std::vector<double> scores_;          // in that order
  std::vector<std::uint8_t> last_;      // the last of equal scores
};

/// A curve of at most `max_points`, thinned so that every left-out point is within 1 / max_points of the line.
[[nodiscard]] Curve thinned(const Curve& curve, std::size_t max_points);

}  // namespace cw
