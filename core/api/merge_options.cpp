// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/merge_options.h"

#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("inputs", o.inputs);
  field("output", o.output);
  field("csv", o.csv);
  field("overwrite", o.overwrite);
};

}  // namespace

Result<> MergeOptions::validate() const {
  if (inputs.empty()) return option_error("PART", "missing", "all parts that --shard made of one run");
  if (output.empty()) return option_error("--out", "missing", "the run folder or h5ad file to write");
  return {};
}

Json to_json(const MergeOptions& options) { return write_fields(options, kFields); }

Result<MergeOptions> merge_options_from_json(const Json& json) {
  return read_fields<MergeOptions>(json, "merge", kFields);
}

}  // namespace cw
