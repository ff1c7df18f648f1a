// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// A search for good settings of a fine-tuning: `cellwright search cells|genes|multitask`.
struct FinetuneSearchOptions {
  std::string kind;  ///< job that is tried: "finetune-cells", "finetune-genes", "finetune-multitask"
  Json finetune =
      Json::object();  ///< its options, those searched included (the baseline has them); its `metric` of the
                       ///< validation part is what is searched for. Where it writes is the search's affair
  std::vector<std::string> search;  ///< what parse_search_setting takes; empty = the published space of the kind
  std::string output;               ///< run folder: trials.csv, trials/, best/, best.json

  std::int64_t trials = 20;     ///< different settings tried
  std::string sampler = "tpe";  ///< "tpe" (published) or "random"
  std::int64_t rungs = 3;       ///< successive halving: the first rung trains keep^(rungs - 1) of a run; 1 = all of it
  double keep = 1.0 / 3.0;      ///< share of a rung that goes on
  std::int64_t parallel = 1;    ///< trials at a time, sharing the processors
  bool baseline = true;         ///< also train with the settings as given, to compare with
  std::uint64_t seed = 42;      ///< of the settings drawn; that of the runs is in `finetune`
  int num_threads = 0;          ///< 0 = all; of all trials together
  bool overwrite = false;

  /// Also tries the ends of every range. Errors: kInvalidArgument E-ARG-002, E-SRC-001, E-SRC-002, E-SRC-004 (no
  /// validation part), those of the job.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const FinetuneSearchOptions& options);
/// Strict. Errors: kInvalidArgument E-ARG-001.
[[nodiscard]] Result<FinetuneSearchOptions> search_options_from_json(const Json& json);

/// The options of the job that is tried, every one of them, without where it writes. Errors: those of reading them.
[[nodiscard]] Result<Json> searched_options(const FinetuneSearchOptions& options);

}  // namespace cw
