// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/medians_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {

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

Json to_json(const MediansOptions& options) {
  return {{"inputs", options.inputs},           {"output", options.output},
          {"counts", options.counts},           {"gene_ids", options.gene_ids},
          {"species", options.species},         {"genes", options.genes},
          {"cell_filter", options.cell_filter}, {"special_tokens", options.special_tokens},
          {"min_cells", options.min_cells},     {"model_input_size", options.model_input_size},
          {"recursive", options.recursive},     {"force", options.force},
          {"num_threads", options.num_threads}, {"overwrite", options.overwrite}};
}

Result<MediansOptions> medians_options_from_json(const Json& json) {
  MediansOptions options;
  OptionReader reader(json, "medians");
  reader.read("inputs", options.inputs);
  reader.read("output", options.output);
  reader.read("counts", options.counts);
  reader.read("gene_ids", options.gene_ids);
  reader.read("species", options.species);
  reader.read("genes", options.genes);
  reader.read("cell_filter", options.cell_filter);
  reader.read("special_tokens", options.special_tokens);
  reader.read("min_cells", options.min_cells);
  reader.read("model_input_size", options.model_input_size);
  reader.read("recursive", options.recursive);
  reader.read("force", options.force);
  reader.read("num_threads", options.num_threads);
  reader.read("overwrite", options.overwrite);
  CW_TRY(reader.finish());
  return options;
}

}  // namespace cw
