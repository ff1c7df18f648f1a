// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/evaluate_options.h"

#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("input", o.input);
  field("output", o.output);
  field("truth", o.truth);
  field("group", o.group);
  field("genes", o.genes);
  field("against", o.against);
  field("regression", o.regression);
  field("leave_out_unknown", o.leave_out_unknown);
  field("level", o.level);
  field("num_resamples", o.num_resamples);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

}  // namespace

Result<> EvaluateOptions::validate() const {
  if (input.empty()) return option_error("PREDICTIONS", "missing", "a CSV of predictions");
  if (output.empty()) return option_error("--out", "missing", "the folder to write");
  if (regression && !genes.empty()) return option_error("--regression", "given with --genes", "classes for it");
  if (level <= 0.0 || level >= 1.0) return option_error("--level", std::to_string(level), "above 0 and below 1");
  if (num_resamples < 100) return option_error("--resamples", std::to_string(num_resamples), "100 or more");
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const EvaluateOptions& options) { return write_fields(options, kFields); }

Result<EvaluateOptions> evaluate_options_from_json(const Json& json) {
  return read_fields<EvaluateOptions>(json, "evaluate", kFields);
}

}  // namespace cw
