// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/medians_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("inputs", o.inputs);
  field("output", o.output);
  field("counts", o.counts);
  field("gene_ids", o.gene_ids);
  field("species", o.species);
  field("genes", o.genes);
  field("cell_filter", o.cell_filter);
  field("special_tokens", o.special_tokens);
  field("min_cells", o.min_cells);
  field("model_input_size", o.model_input_size);
  field("recursive", o.recursive);
  field("force", o.force);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

}  // namespace

Result<> MediansOptions::validate() const {
  CW_TRY(check_count_options(counts, gene_ids, species));
  if (genes != "coding" && genes != "all") return option_error("--genes", genes, "coding or all");
  if (min_cells < 1) return option_error("--min-cells", std::to_string(min_cells), "1 or more");
  if (model_input_size != 0 && model_input_size < 3) {
    return option_error("--model-input-size", std::to_string(model_input_size), "0 or at least 3");
  }
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const MediansOptions& options) { return write_fields(options, kFields); }

Result<MediansOptions> medians_options_from_json(const Json& json) {
  return read_fields<MediansOptions>(json, "medians", kFields);
}

}  // namespace cw
