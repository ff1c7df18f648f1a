// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/inspect_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {

Result<> InspectOptions::validate() const {
  CW_TRY(check_count_options(counts, gene_ids, species));
  if (sample_cells < 0) return option_error("--sample-cells", std::to_string(sample_cells), "0 (all) or more");
  return {};
}

Json to_json(const InspectOptions& options) {
  return {{"counts", options.counts},
          {"gene_ids", options.gene_ids},
          {"species", options.species},
          {"dictionaries", options.dictionaries},
          {"sample_cells", options.sample_cells}};
}

Result<InspectOptions> inspect_options_from_json(const Json& json) {
  InspectOptions options;
  OptionReader reader(json, "inspect");
  reader.read("counts", options.counts);
  reader.read("gene_ids", options.gene_ids);
  reader.read("species", options.species);
  reader.read("dictionaries", options.dictionaries);
  reader.read("sample_cells", options.sample_cells);
  CW_TRY(reader.finish());
  return options;
}

}  // namespace cw
