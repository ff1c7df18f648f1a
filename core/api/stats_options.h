// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// Statistics of perturbation runs: from `effects.h5` to a ranked list (cli.md 2, 3.5; spec/beyond.md 3 to 5, 7).
struct StatsOptions {
  /// Run folders, effects.h5 files, or folders with raw results of the published package (`*_raw.pickle`) of one
  /// experiment (same model, vocabulary and states); their rows are put together.
  std::vector<std::string> runs;
  /// What is asked: "goal" (shift to the goal state), "null" (against the same genes in `null_run`), "mixture" (impact
  /// or no impact), "aggregate" (one row per cell), "gene-effects" (effect on other genes), "pairs" (synergy).
  /// "auto": goal where the run has states, null where `null_run` is given, pairs where the run has pairs, else the
  /// plain ranking ("mixture" with the upstream columns).
  std::string test = "auto";
  /// The same perturbations in control cells; for test "null".
  std::string null_run;
  /// ranked.csv; a `.provenance.json` is written beside it.
  std::string output;
  /// Excel file with the same table; "" = none.
  std::string xlsx;
  /// "cellwright" (spec/beyond.md 3), or "upstream": names, order and sorting of the published statistics.
  std::string columns = "cellwright";
  /// Data file with the counts of the run's cells, for the baseline without a model. "" = the one the run names.
  std::string data;
  /// Vocabulary of raw results of the published package: "v1", "v2" or a folder. Runs of Cellwright name their own.
  std::string dictionary;
  /// Compute `baseline` and `de_log2fc` where the counts can be read.
  bool baseline = true;
  /// Resamples of the percentile bootstrap over cells, 100 to 100,000. More = steadier interval ends. 1,000: beyond 3.
  int bootstrap_samples = 1000;
  std::uint64_t seed = 42;  ///< of the bootstrap and the principal components
  int num_threads = 0;      ///< 0 = all processors
  bool overwrite = false;   ///< replace existing outputs

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const StatsOptions& options);
/// Errors: kInvalidArgument E-ARG-001 (unknown key or wrong type).
[[nodiscard]] Result<StatsOptions> stats_options_from_json(const Json& json);

}  // namespace cw
