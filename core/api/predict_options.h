// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cw {

/// Labels for cells from fine-tuned classifiers: `cellwright predict`.
struct PredictOptions {
  std::string input;                ///< tokens or a data file, tokenized on the way
  std::vector<std::string> models;  ///< folders of cell classifiers; each gives one label column
  std::string output;               ///< CSV to write, one row per cell
  std::string dictionary;           ///< "v1", "v2" or a folder; "" = the models' own

  std::map<std::string, std::vector<std::string>> filter;  ///< cells kept: column -> allowed values
  double threshold = 0.5;      ///< "unknown" where the most likely class has a smaller probability, [0, 1]; 0 = never
  bool probabilities = false;  ///< also one column per class

  std::int64_t tokens_per_batch = 8192;
  int num_threads = 0;
  /// "auto": a GPU where one can be used, else the processor; "cpu"; "cuda" or "cuda:i": this GPU or an error.
  std::string device = "auto";
  bool overwrite = false;

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const PredictOptions& options);
/// Strict: an unknown key is refused by name. Errors: kInvalidArgument.
[[nodiscard]] Result<PredictOptions> predict_options_from_json(const Json& json);

}  // namespace cw
