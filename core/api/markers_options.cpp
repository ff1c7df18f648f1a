// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/markers_options.h"

#include "core/api/option_json.h"

namespace cw {

Result<> MarkersOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "missing", "a file with counts");
  if (groups.empty()) return option_error("--groups", "missing", "the column of the groups");
  if (output.empty()) return option_error("--out", "missing", "the CSV file to write");
  if (min_cells_per_donor < 1) {
    return option_error("--min-cells-per-donor", std::to_string(min_cells_per_donor), "1 or more");
  }
  if (top < 0) return option_error("--top", std::to_string(top), "0 (all) or more");
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const MarkersOptions& o) {
  return Json{{"input", o.input},
              {"groups", o.groups},
              {"groups_file", o.groups_file},
              {"donor", o.donor},
              {"output", o.output},
              {"counts", o.counts},
              {"min_cells_per_donor", o.min_cells_per_donor},
              {"top", o.top},
              {"num_threads", o.num_threads},
              {"overwrite", o.overwrite}};
}

Result<MarkersOptions> markers_options_from_json(const Json& json) {
  MarkersOptions o;
  OptionReader reader(json, "markers");
  reader.read("input", o.input);
  reader.read("groups", o.groups);
  reader.read("groups_file", o.groups_file);
  reader.read("donor", o.donor);
  reader.read("output", o.output);
  reader.read("counts", o.counts);
  reader.read("min_cells_per_donor", o.min_cells_per_donor);
  reader.read("top", o.top);
  reader.read("num_threads", o.num_threads);
  reader.read("overwrite", o.overwrite);
  CW_TRY(reader.finish());
  return o;
}

}  // namespace cw
