// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/split_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("input", o.input);
  field("label", o.label);
  field("regression", o.regression);
  field("group", o.group);
  field("folds", o.folds);
  field("validation", o.validation);
  field("test", o.test);
  field("balance", o.balance);
  field("confounders", o.confounders);
  field("leave_out", o.leave_out);
  field("from", o.from);
  field("drop_duplicates", o.drop_duplicates);
  field("check", o.check);
  field("counts", o.counts);
  field("output", o.output);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

}  // namespace

Result<> SplitOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "missing", "a data file or tokens");
  if (label.empty()) return option_error("--label", "missing", "the column to be predicted");
  if (group.empty()) return option_error("--group", "missing", "a column, auto or none");
  if (output.empty() && !check) return option_error("--out", "missing", "the CSV file to write, or --check");
  if (folds != 0 && folds < 2) return option_error("--folds", std::to_string(folds), "2 or more, or 0 for none");
  if (validation < 0.0 || validation >= 1.0) {
    return option_error("--validation", std::to_string(validation), "0 to below 1");
  }
  if (test <= 0.0 || test >= 1.0) return option_error("--test", std::to_string(test), "above 0 and below 1");
  if (validation + test >= 1.0) {
    return option_error("--validation and --test", std::to_string(validation + test) + " together", "less than 1");
  }
  if (!balance.empty() && folds > 0) return option_error("--balance", "given with --folds", "one of the two");
  if (!from.empty() && (folds > 0 || !balance.empty())) {
    return option_error("--from", "given with --folds or --balance", "a split of your own, or a new one");
  }
  CW_TRY(check_counts_place(counts));
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const SplitOptions& options) { return write_fields(options, kFields); }

Result<SplitOptions> split_options_from_json(const Json& json) {
  return read_fields<SplitOptions>(json, "split", kFields);
}

}  // namespace cw
