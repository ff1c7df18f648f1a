// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/perturb_options.h"

#include "core/api/device_request.h"
#include "core/api/embed_options.h"
#include "core/api/option_json.h"
#include "core/api/shard.h"

#include <algorithm>
#include <array>

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("input", o.input);
  field("model", o.model);
  field("output", o.output);
  field("dictionary", o.dictionary);
  field("requests", o.requests);
  field("how", o.how);
  field("anchor", o.anchor);
  field("quartiles", o.quartiles);
  field("position", o.position);
  field("state_column", o.state_column);
  field("start", o.start);
  field("goal", o.goal);
  field("alternatives", o.alternatives);
  field("donor_column", o.donor_column);
  field("labels", o.labels);
  field("filter", o.filter);
  field("max_cells", o.max_cells);
  field("first_cell", o.first_cell);
  field("end_cell", o.end_cell);
  field("shard", o.shard);
  field("shards", o.shards);
  field("layer", o.layer);
  field("mode", o.mode);
  field("gene_effects", o.gene_effects);
  field("method", o.method);
  field("null_count", o.null_count);
  field("preview", o.preview);
  field("preview_seconds", o.preview_seconds);
  field("screen_top", o.screen_top);
  field("screen_sample", o.screen_sample);
  field("screen_probes", o.screen_probes);
  field("tokens_per_batch", o.tokens_per_batch);
  field("match_upstream", o.match_upstream);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("device", o.device);
  field("overwrite", o.overwrite);
};

constexpr auto kRequestFields = [](auto& request, auto&& field) {
  field("kind", request.kind);
  field("genes", request.genes);
};

template <std::size_t N>
bool one_of(const std::string& word, const std::array<const char*, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_all(const PerturbRequest& request) { return request.genes.size() == 1 && request.genes.front() == "all"; }

Result<> validate_requests(const PerturbOptions& o) {
  if (o.requests.empty()) {
    return option_error("the perturbation", "missing", "--delete, --inhibit, --activate or --overexpress with genes");
  }
  for (const auto& request : o.requests) {
    if (!one_of(request.kind, std::array{"delete", "overexpress", "inhibit", "activate", "rank"})) {
      return option_error("the kind of perturbation", request.kind, "delete, overexpress, inhibit, activate or rank");
    }
    if (request.genes.empty()) return option_error("--" + request.kind, "without genes", "all, genes or @FILE");
    if (is_all(request) && (o.how == "together" || o.how == "pairs")) {
      return option_error("--how", o.how, "each or anchor where all genes are asked for");
    }
  }
  if (!one_of(o.how, std::array{"each", "together", "pairs", "anchor"})) {
    return option_error("--how", o.how, "each, together, pairs or anchor");
  }
  if ((o.how == "anchor") != !o.anchor.empty()) {
    return option_error("--anchor", o.anchor.empty() ? "missing" : o.anchor, "a gene together with --how anchor");
  }
  if (o.quartiles < 1 || o.quartiles > 3) return option_error("--quartiles", std::to_string(o.quartiles), "1, 2 or 3");
  if (!(o.position >= 0 && o.position <= 1)) {
    return option_error("--position", std::to_string(o.position), "0 (front of the list) to 1 (its end)");
  }
  return {};
}

Result<> validate_states(const PerturbOptions& o) {
  if (o.state_column.empty()) {
    if (!o.start.empty() || !o.goal.empty() || !o.alternatives.empty()) {
      return option_error("--state", "missing", "the column that holds the states");
    }
    return {};
  }
  if (o.start.empty()) return option_error("--start", "missing", "the state of the cells to perturb");
  if (o.goal.empty()) return option_error("--goal", "missing", "the state to move towards");
  std::vector<std::string> states = o.alternatives;
  states.insert(states.begin(), {o.start, o.goal});
  std::sort(states.begin(), states.end());
  const auto twice = std::adjacent_find(states.begin(), states.end());
  if (twice != states.end()) return option_error("--start, --goal, --alt", *twice + " twice", "different states");
  return {};
}

}  // namespace

Result<> PerturbOptions::validate_comparison() const {
  CW_TRY(validate_states(*this));
  if (!is_layer_name(layer)) return option_error("--layer", layer, "second-to-last, last, or the index of a layer");
  if (!one_of(mode, std::array{"auto", "cell", "cls"})) return option_error("--mode", mode, "cell or cls");
  return {};
}

Result<> PerturbOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "missing", "tokens or a data file");
  if (model.empty()) return option_error("--model", "missing", "a model folder");
  if (const auto asked = device_request(device); !asked.ok()) return asked.error();
  if (output.empty() && preview == 0) return option_error("--out", "missing", "the run folder to write");
  CW_TRY(validate_requests(*this));
  CW_TRY(validate_comparison());
  if (max_cells < 0) return option_error("--max-cells", std::to_string(max_cells), "0 (all) or more");
  if (first_cell < 0 || (end_cell != -1 && end_cell <= first_cell)) {
    return option_error("--cells", std::to_string(first_cell) + ":" + std::to_string(end_cell), "A:B with A < B");
  }
  CW_TRY(check_shard(shard, shards));
  if (shards > 1 && (method != "exact" || preview > 0)) {
    return option_error("--shard", "given with " + std::string(preview > 0 ? "--preview" : "--method " + method),
                        "a whole run of --method exact: the others look at all cells at once");
  }
  if (!one_of(method, std::array{"exact", "screen"})) return option_error("--method", method, "exact or screen");
  if (method == "screen") {
    const bool plain = requests.size() == 1 && requests.front().kind == "delete" && how == "each" && !gene_effects;
    if (!plain)
      return option_error("--method", method, "exact, or one --delete of single genes without --gene-effects");
  }
  if (null_count < 0 || null_count > 10000) return option_error("--null", std::to_string(null_count), "0 to 10000");
  if (preview < 0) return option_error("--preview", std::to_string(preview), "a number of cells");
  if (!(preview_seconds >= 0)) {
    return option_error("--preview-seconds", std::to_string(preview_seconds), "0 (no limit) or more");
  }
  if (screen_top < 1) return option_error("--screen-top", std::to_string(screen_top), "1 or more");
  if (screen_sample < 10) return option_error("--screen-sample", std::to_string(screen_sample), "10 or more");
  if (screen_probes < 1 || screen_probes > 1024) {
    return option_error("--screen-probes", std::to_string(screen_probes), "1 to 1024");
  }
  if (tokens_per_batch < 512 || tokens_per_batch > (1 << 20)) {
    return option_error("--tokens-per-batch", std::to_string(tokens_per_batch), "512 to 1048576");
  }
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

// Found by the JSON library where the list of requests is written and read.
static void to_json(Json& json, const PerturbRequest& request) { json = write_fields(request, kRequestFields); }

static void from_json(const Json& json, PerturbRequest& request) {
  auto read = read_fields<PerturbRequest>(json, "perturb", kRequestFields);
  if (!read.ok()) throw Json::other_error::create(501, read.error().message, &json);  // the reader of options notes it
  request = std::move(read).value();
}

Json to_json(const PerturbOptions& options) { return write_fields(options, kFields); }

Result<PerturbOptions> perturb_options_from_json(const Json& json) {
  return read_fields<PerturbOptions>(json, "perturb", kFields);
}

}  // namespace cw
