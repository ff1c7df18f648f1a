// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/tokenize_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("inputs", o.inputs);
  field("output", o.output);
  field("dictionary", o.dictionary);
  field("counts", o.counts);
  field("gene_ids", o.gene_ids);
  field("species", o.species);
  field("keep", o.keep);
  field("keep_all", o.keep_all);
  field("filter", o.filter);
  field("cell_filter", o.cell_filter);
  field("max_length", o.max_length);
  field("recursive", o.recursive);
  field("format", o.format);
  field("match_upstream", o.match_upstream);
  field("force", o.force);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

}  // namespace

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

Json to_json(const TokenizeOptions& options) { return write_fields(options, kFields); }

Result<TokenizeOptions> tokenize_options_from_json(const Json& json) {
  return read_fields<TokenizeOptions>(json, "tokenize", kFields);
}

}  // namespace cw
