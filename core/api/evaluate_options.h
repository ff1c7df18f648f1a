// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// How good predictions are, with intervals and in plain words.
struct EvaluateOptions {
  std::string input;   ///< CSV of predictions: a row per cell with the true class and p_CLASS columns
  std::string output;  ///< folder to write
  std::string truth;   ///< column of the true class; "" = `true`, `truth` or `label`
  /// Column of donors; "auto" = the usual names, "none" = cells are counted as independent.
  std::string group = "auto";
  std::string genes;                 ///< column of genes: rows are occurrences of genes in cells; "" = rows are cells
  std::vector<std::string> against;  ///< predictions of other models for the same cells, to compare with
  bool regression = false;           ///< the columns `true` and `predicted` are numbers
  bool leave_out_unknown = false;    ///< cells of classes that the model does not know are left out, not refused
  double level = 0.95;               ///< of the intervals, above 0 and below 1
  int num_resamples = 1000;          ///< of the bootstrap over cells, 100 or more
  std::uint64_t seed = 42;
  int num_threads = 0;  ///< 0 = all processors
  bool overwrite = false;

  /// Ranges and words. Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const EvaluateOptions& options);
/// Errors: kInvalidArgument E-ARG-001 (unknown key, wrong type), E-ARG-002.
[[nodiscard]] Result<EvaluateOptions> evaluate_options_from_json(const Json& json);

}  // namespace cw
