// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/map_options.h"

#include "core/api/count_options.h"
#include "core/api/option_json.h"

namespace cw {
namespace {

// Every field with its key, once: written, read and checked from the same list.
constexpr auto kFields = [](auto& o, auto&& field) {
  field("input", o.input);
  field("output", o.output);
  field("of", o.of);
  field("counts", o.counts);
  field("num_genes", o.num_genes);
  field("num_components", o.num_components);
  field("num_neighbors", o.num_neighbors);
  field("metric", o.metric);
  field("umap", o.umap);
  field("tsne", o.tsne);
  field("clusters", o.clusters);
  field("dimensions", o.dimensions);
  field("min_dist", o.min_dist);
  field("spread", o.spread);
  field("perplexity", o.perplexity);
  field("resolution", o.resolution);
  field("batch", o.batch);
  field("label", o.label);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

}  // namespace

Result<> MapOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "missing", "an h5ad with an embedding, or a count file");
  if (output.empty()) return option_error("--out", "missing", "the h5ad file to write");
  if (num_genes < 1) return option_error("--genes", std::to_string(num_genes), "1 or more");
  if (num_components < 0) return option_error("--pca", std::to_string(num_components), "0 (none) or more");
  if (num_neighbors < 2) return option_error("--neighbors", std::to_string(num_neighbors), "2 or more");
  if (metric != "euclidean" && metric != "cosine") return option_error("--metric", metric, "euclidean or cosine");
  if (dimensions != 2 && dimensions != 3) {
    return option_error("--dimensions", std::to_string(dimensions), "2 or 3");
  }
  if (!(spread > 0)) return option_error("--spread", std::to_string(spread), "more than 0");
  if (!(min_dist >= 0 && min_dist <= spread)) {
    return option_error("--min-dist", std::to_string(min_dist), "0 to --spread (" + std::to_string(spread) + ")");
  }
  if (!(perplexity >= 2)) return option_error("--perplexity", std::to_string(perplexity), "2 or more");
  if (!(resolution > 0)) return option_error("--resolution", std::to_string(resolution), "more than 0");
  CW_TRY(check_counts_place(counts));
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const MapOptions& options) { return write_fields(options, kFields); }

Result<MapOptions> map_options_from_json(const Json& json) { return read_fields<MapOptions>(json, "map", kFields); }

}  // namespace cw
