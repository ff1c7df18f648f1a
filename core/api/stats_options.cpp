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

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("runs", o.runs);
  field("test", o.test);
  field("null_run", o.null_run);
  field("output", o.output);
  field("xlsx", o.xlsx);
  field("columns", o.columns);
  field("data", o.data);
  field("dictionary", o.dictionary);
  field("baseline", o.baseline);
  field("bootstrap_samples", o.bootstrap_samples);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

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
    return option_error(
        "--null-run", "missing",
        "a run of the same perturbations in control cells, for --test null; random genes of `perturb --null` "
        "are compared with by every other --test, leave it at auto");
  }
  if (bootstrap_samples < 100 || bootstrap_samples > 100'000) {
    return option_error("--bootstrap-samples", std::to_string(bootstrap_samples), "100 to 100,000");
  }
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const StatsOptions& options) { return write_fields(options, kFields); }

Result<StatsOptions> stats_options_from_json(const Json& json) {
  return read_fields<StatsOptions>(json, "stats", kFields);
}

}  // namespace cw
