// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/tokenize_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {

Result<> TokenizeOptions::validate() const {
  CW_TRY(check_count_options(counts, gene_ids, species));
  if (format != "h5" && format != "hf") return option_error("--format", format, "h5 or hf");
  if (max_length < 0 || (max_length > 0 && max_length < 3)) {
    return option_error("--max-length", std::to_string(max_length), "at least 3, or 0 for the dictionary's own");
  }
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  for (const auto& rule : filter) {
    const auto equals = rule.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == rule.size()) {
      return option_error("--filter", rule, "COLUMN=VALUE[,VALUE..]");
    }
  }
  for (const auto& column : keep) {
    if (column.empty() || column.front() == '=' || column.back() == '=') {
      return option_error("--keep", column, "COLUMN or COLUMN=NEW_NAME");
    }
  }
  return {};
}

Json to_json(const TokenizeOptions& options) {
  return {{"inputs", options.inputs},
          {"output", options.output},
          {"dictionary", options.dictionary},
          {"counts", options.counts},
          {"gene_ids", options.gene_ids},
          {"species", options.species},
          {"keep", options.keep},
          {"keep_all", options.keep_all},
          {"filter", options.filter},
          {"cell_filter", options.cell_filter},
          {"max_length", options.max_length},
          {"recursive", options.recursive},
          {"format", options.format},
          {"match_upstream", options.match_upstream},
          {"force", options.force},
          {"num_threads", options.num_threads},
          {"overwrite", options.overwrite}};
}

Result<TokenizeOptions> tokenize_options_from_json(const Json& json) {
  TokenizeOptions options;
  OptionReader reader(json, "tokenize");
  reader.read("inputs", options.inputs);
  reader.read("output", options.output);
  reader.read("dictionary", options.dictionary);
  reader.read("counts", options.counts);
  reader.read("gene_ids", options.gene_ids);
  reader.read("species", options.species);
  reader.read("keep", options.keep);
  reader.read("keep_all", options.keep_all);
  reader.read("filter", options.filter);
  reader.read("cell_filter", options.cell_filter);
  reader.read("max_length", options.max_length);
  reader.read("recursive", options.recursive);
  reader.read("format", options.format);
  reader.read("match_upstream", options.match_upstream);
  reader.read("force", options.force);
  reader.read("num_threads", options.num_threads);
  reader.read("overwrite", options.overwrite);
  CW_TRY(reader.finish());
  return options;
}

}  // namespace cw
