// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/markers_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("input", o.input);
  field("groups", o.groups);
  field("groups_file", o.groups_file);
  field("donor", o.donor);
  field("output", o.output);
  field("counts", o.counts);
  field("min_cells_per_donor", o.min_cells_per_donor);
  field("top", o.top);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

}  // namespace

Result<> MarkersOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "missing", "a file with counts");
  if (groups.empty()) return option_error("--groups", "missing", "the column of the groups");
  if (output.empty()) return option_error("--out", "missing", "the CSV file to write");
  if (min_cells_per_donor < 1) {
    return option_error("--min-cells-per-donor", std::to_string(min_cells_per_donor), "1 or more");
  }
  if (top < 0) return option_error("--top", std::to_string(top), "0 (all) or more");
  CW_TRY(check_counts_place(counts));
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const MarkersOptions& options) { return write_fields(options, kFields); }

Result<MarkersOptions> markers_options_from_json(const Json& json) {
  return read_fields<MarkersOptions>(json, "markers", kFields);
}

}  // namespace cw
