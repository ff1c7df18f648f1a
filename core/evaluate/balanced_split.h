// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/splits.h"

#include <span>

namespace cw {

/// One random choice of held-out donors and how alike the two sides are.
struct BalanceTrial {
  std::vector<std::int32_t> held_out;  ///< groups, rising
  std::vector<double> p;               ///< per attribute; 1 where both sides are the same
  double mean_p = 0.0;
};

/// A split with the trials it was chosen from (of the test part, then of the validation part).
struct BalancedSplit {
  Split split;
  std::vector<std::string> attributes;
  std::vector<BalanceTrial> test_trials, validation_trials;
  std::int64_t test_trial = -1, validation_trial = -1;  ///< the ones used
};

struct BalanceOptions {
  HoldoutOptions shares;
  int max_trials = 100;    ///< as published
  double threshold = 0.1;  ///< a trial is taken at once when no attribute differs with p below this; as published
};

/// Holds out whole groups so that attributes of the donors (age, sex, batch) are alike on both sides.
///
/// Source   geneformer-behaviour 8.3. Each trial draws one group of every class (where a group has one class only), the
///          rest at random; numbers are compared by the rank-sum test, words by the chi-squared test of homogeneity.
///          The first trial with every p at the threshold or above is used, else the one with the largest mean p, where
///          the published code uses the last trial. Number of groups: round(groups * share), halves to even.
/// Errors   kInvalidArgument E-EVA-004, kRefused E-EVA-005 (too few groups), E-EVA-006 (no groups, or an attribute that
///          differs within a group), kNotFound (column).
[[nodiscard]] Result<BalancedSplit> balanced_split(const SplitDesign& design, const Table& cells,
                                                   const std::vector<std::string>& attributes,
                                                   const BalanceOptions& options);

/// The trials as a table: part, trial, held_out, used, p of each attribute, mean_p.
[[nodiscard]] std::vector<Column> balance_table(const BalancedSplit& split, const SplitDesign& design);

}  // namespace cw
