// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/stats_options.h"

#include "core/api/option_json.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cw {
namespace {

constexpr std::array<std::string_view, 7> kTests{"auto",      "goal",         "null", "mixture",
                                                 "aggregate", "gene-effects", "pairs"};

}  // namespace

Result<> StatsOptions::validate() const {
  if (runs.empty()) return option_error("RUN", "missing", "one or more folders of `cellwright perturb`");
  if (output.empty()) return option_error("--out", "empty", "a file name, for example ranked.csv");
  if (std::find(kTests.begin(), kTests.end(), test) == kTests.end()) {
    return option_error("--test", test, "goal, null, mixture, aggregate, gene-effects or pairs");
  }
  if (columns != "cellwright" && columns != "upstream") {
    return option_error("--columns", columns, "cellwright or upstream");
  }
  if (test == "null" && null_run.empty()) {
    return option_error("--null-run", "missing", "a run of the same perturbations in control cells, for --test null");
  }
  if (bootstrap_samples < 100 || bootstrap_samples > 100'000) {
    return option_error("--bootstrap-samples", std::to_string(bootstrap_samples), "100 to 100,000");
  }
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const StatsOptions& options) {
  return {{"runs", options.runs},          {"test", options.test},
          {"null_run", options.null_run},  {"output", options.output},
          {"xlsx", options.xlsx},          {"columns", options.columns},
          {"data", options.data},          {"dictionary", options.dictionary},
          {"baseline", options.baseline},  {"bootstrap_samples", options.bootstrap_samples},
          {"seed", options.seed},          {"num_threads", options.num_threads},
          {"overwrite", options.overwrite}};
}

Result<StatsOptions> stats_options_from_json(const Json& json) {
  StatsOptions options;
  OptionReader reader(json, "stats");
  reader.read("runs", options.runs);
  reader.read("test", options.test);
  reader.read("null_run", options.null_run);
  reader.read("output", options.output);
  reader.read("xlsx", options.xlsx);
  reader.read("columns", options.columns);
  reader.read("data", options.data);
  reader.read("dictionary", options.dictionary);
  reader.read("baseline", options.baseline);
  reader.read("bootstrap_samples", options.bootstrap_samples);
  reader.read("seed", options.seed);
  reader.read("num_threads", options.num_threads);
  reader.read("overwrite", options.overwrite);
  CW_TRY(reader.finish());
  return options;
}

}  // namespace cw
