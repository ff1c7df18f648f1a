// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/inspect_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("counts", o.counts);
  field("gene_ids", o.gene_ids);
  field("species", o.species);
  field("dictionaries", o.dictionaries);
  field("sample_cells", o.sample_cells);
};

}  // namespace

Result<> InspectOptions::validate() const {
  CW_TRY(check_count_options(counts, gene_ids, species));
  if (sample_cells < 0) return option_error("--sample-cells", std::to_string(sample_cells), "0 (all) or more");
  return {};
}

Json to_json(const InspectOptions& options) { return write_fields(options, kFields); }

Result<InspectOptions> inspect_options_from_json(const Json& json) {
  return read_fields<InspectOptions>(json, "inspect", kFields);
}

}  // namespace cw
