// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/map_options.h"

#include "core/api/option_json.h"

namespace cw {

Result<> MapOptions::validate() const {
  if (input.empty()) return option_error("INPUT", "missing", "an h5ad with an embedding, or a count file");
  if (output.empty()) return option_error("--out", "missing", "the h5ad file to write");
  if (num_genes < 1) return option_error("--genes", std::to_string(num_genes), "1 or more");
  if (num_components < 0) return option_error("--pca", std::to_string(num_components), "0 (none) or more");
  if (num_neighbors < 2) return option_error("--neighbors", std::to_string(num_neighbors), "2 or more");
  if (metric != "euclidean" && metric != "cosine") return option_error("--metric", metric, "euclidean or cosine");
  if (!(spread > 0)) return option_error("--spread", std::to_string(spread), "more than 0");
  if (!(min_dist >= 0 && min_dist <= spread)) {
    return option_error("--min-dist", std::to_string(min_dist), "0 to --spread (" + std::to_string(spread) + ")");
  }
  if (!(perplexity >= 2)) return option_error("--perplexity", std::to_string(perplexity), "2 or more");
  if (!(resolution > 0)) return option_error("--resolution", std::to_string(resolution), "more than 0");
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  return {};
}

Json to_json(const MapOptions& o) {
  return Json{{"input", o.input},
              {"output", o.output},
              {"of", o.of},
              {"counts", o.counts},
              {"num_genes", o.num_genes},
              {"num_components", o.num_components},
              {"num_neighbors", o.num_neighbors},
              {"metric", o.metric},
              {"umap", o.umap},
              {"tsne", o.tsne},
              {"clusters", o.clusters},
              {"min_dist", o.min_dist},
              {"spread", o.spread},
              {"perplexity", o.perplexity},
              {"resolution", o.resolution},
              {"batch", o.batch},
              {"label", o.label},
              {"seed", o.seed},
              {"num_threads", o.num_threads},
              {"overwrite", o.overwrite}};
}

Result<MapOptions> map_options_from_json(const Json& json) {
  MapOptions o;
  OptionReader reader(json, "map");
  reader.read("input", o.input);
  reader.read("output", o.output);
  reader.read("of", o.of);
  reader.read("counts", o.counts);
  reader.read("num_genes", o.num_genes);
  reader.read("num_components", o.num_components);
  reader.read("num_neighbors", o.num_neighbors);
  reader.read("metric", o.metric);
  reader.read("umap", o.umap);
  reader.read("tsne", o.tsne);
  reader.read("clusters", o.clusters);
  reader.read("min_dist", o.min_dist);
  reader.read("spread", o.spread);
  reader.read("perplexity", o.perplexity);
  reader.read("resolution", o.resolution);
  reader.read("batch", o.batch);
  reader.read("label", o.label);
  reader.read("seed", o.seed);
  reader.read("num_threads", o.num_threads);
  reader.read("overwrite", o.overwrite);
  CW_TRY(reader.finish());
  return o;
}

}  // namespace cw
