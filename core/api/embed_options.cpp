// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/embed_options.h"

#include "core/api/device_request.h"
#include "core/api/option_json.h"
#include "core/api/shard.h"

#include <algorithm>
#include <cctype>

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("input", o.input);
  field("model", o.model);
  field("output", o.output);
  field("csv", o.csv);
  field("dictionary", o.dictionary);
  field("layer", o.layer);
  field("mode", o.mode);
  field("all_occurrences", o.all_occurrences);
  field("summary", o.summary);
  field("filter", o.filter);
  field("labels", o.labels);
  field("max_cells", o.max_cells);
  field("shard", o.shard);
  field("shards", o.shards);
  field("precision", o.precision);
  field("tokens_per_batch", o.tokens_per_batch);
  field("match_upstream", o.match_upstream);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("device", o.device);
  field("overwrite", o.overwrite);
};

}  // namespace

bool is_layer_name(const std::string& layer) noexcept {
  if (layer == "last" || layer == "second-to-last") return true;
  return !layer.empty() && layer.size() <= 4 &&
         std::all_of(layer.begin(), layer.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

Result<> EmbedOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "missing", "tokens or a data file");
  if (model.empty()) return option_error("--model", "missing", "a model folder");
  if (const auto asked = device_request(device); !asked.ok()) return asked.error();
  if (output.empty() && csv.empty()) return option_error("--out", "missing", "the h5ad file to write (or --csv FILE)");
  if (!is_layer_name(layer)) return option_error("--layer", layer, "second-to-last, last, or the index of a layer");
  if (mode != "auto" && mode != "cell" && mode != "cls" && mode != "gene") {
    return option_error("--mode", mode, "cell, cls or gene");
  }
  if (all_occurrences && (mode != "gene" || csv.empty())) {
    return option_error("--all-occurrences", "given", "--mode gene and --csv FILE with it");
  }
  if (summary != "none" && summary != "mean" && summary != "median") {
    return option_error("--summary", summary, "none, mean or median");
  }
  if (mode == "gene" && summary != "none") {
    return option_error("--summary", summary, "none with --mode gene: a mean over genes has no meaning");
  }
  CW_TRY(check_shard(shard, shards));
  if (shards > 1 && output.empty()) return option_error("--shard", "given without --out", "the h5ad file of the part");
  if (shards > 1 && all_occurrences) {
    return option_error("--shard", "given with --all-occurrences",
                        "one of the two: the rows of that table have no order that parts could keep");
  }
  if (max_cells < 0) return option_error("--max-cells", std::to_string(max_cells), "0 (all) or more");
  if (precision != "fp32" && precision != "bf16" && precision != "int8") {
    return option_error("--precision", precision, "fp32, bf16 or int8");
  }
  if (tokens_per_batch < 512 || tokens_per_batch > (1 << 20)) {
    return option_error("--tokens-per-batch", std::to_string(tokens_per_batch), "512 to 1048576");
  }
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const EmbedOptions& options) { return write_fields(options, kFields); }

Result<EmbedOptions> embed_options_from_json(const Json& json) {
  return read_fields<EmbedOptions>(json, "embed", kFields);
}

}  // namespace cw
