// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// What a model says of N cells (or genes) whose classes are known.
struct Predictions {
  std::vector<std::string> classes;  ///< [C] in the order of the columns of `scores`
  std::vector<std::int32_t> truth;   ///< [N] index into `classes`; -1 = not known, which is not scored
  std::vector<double> scores;        ///< row-major [N, C]: the larger, the more likely
  bool probabilities = true;         ///< rows of `scores` sum to 1; else margins, which have no calibration
  std::vector<std::int32_t> groups;  ///< [N] donor, -1 = not known; empty = none given
  std::vector<std::string> group_names;
  std::vector<std::int32_t> folds;    ///< [N] the fold that tested the cell; empty = one split
  std::vector<std::string> names;     ///< [N] cells; may be empty
  std::string unit = "cells";         ///< what a row is: "cells", "genes", "occurrences"
  std::string group_unit = "donors";  ///< what a group is

  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(truth.size()); }
  [[nodiscard]] std::int64_t num_classes() const noexcept { return static_cast<std::int64_t>(classes.size()); }
  [[nodiscard]] const double* row(std::int64_t i) const noexcept { return scores.data() + i * num_classes(); }
  /// The class of the largest score; the first of several that are equal.
  [[nodiscard]] std::int32_t predicted(std::int64_t i) const noexcept;
};

/// Appends the rows of `more` (another fold), which must have the same classes and optional fields.
void append_rows(Predictions& all, const Predictions& more);

/// One row per group: the mean of the scores (logits, before softmax) over its rows, then softmax. For gene classes,
/// where every occurrence of a gene in a cell has a score: groups are genes. Rows without a group are left out; all
/// rows of a group must have the same truth.
[[nodiscard]] Predictions mean_over_groups(const Predictions& occurrences);

/// Softmax of every row of `scores` in place.
void to_probabilities(Predictions& logits);

}  // namespace cw
