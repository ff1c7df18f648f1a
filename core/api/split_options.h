// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// Which cells are for training, for choosing and for testing, and whether the question can be answered at all.
struct SplitOptions {
  std::string input;           ///< data file or tokens with the columns
  std::string label;           ///< column to be predicted
  bool regression = false;     ///< the label is a number, split evenly over its range
  std::string group = "auto";  ///< column of donors, "auto" (the usual names) or "none" (cell by cell)
  int folds = 0;               ///< 2 or more: folds that cover every cell once; 0: one split into parts
  double validation = 0.1;     ///< share of the donors (or cells), 0 to below 1; as the published classifier
  double test = 0.1;           ///< the same; validation + test below 1. Not used with folds
  /// Columns of the donors (age, sex) that are to be alike in the parts; not with folds.
  std::vector<std::string> balance;
  /// Columns that must not tell the label (batch, protocol); empty: those with technical names.
  std::vector<std::string> confounders;
  /// Classes that are not asked about: their cells are not used.
  std::vector<std::string> leave_out;
  std::string from;              ///< the user's own split, checked and completed instead of a new one; "" = none
  bool drop_duplicates = false;  ///< copies of a cell stay in one part only
  bool check = false;            ///< also fit a quick baseline and say whether the question can be answered
  std::string counts = "auto";   ///< where the counts are: "auto", "X", "raw", "layer:NAME"
  std::string output;            ///< CSV to write; "" with `check`: none
  std::uint64_t seed = 42;
  int num_threads = 0;  ///< 0 = all processors
  bool overwrite = false;

  /// Ranges and words. Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const SplitOptions& options);
/// Errors: kInvalidArgument E-ARG-001 (unknown key, wrong type), E-ARG-002.
[[nodiscard]] Result<SplitOptions> split_options_from_json(const Json& json);

}  // namespace cw
