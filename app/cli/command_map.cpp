// SPDX-License-Identifier: GPL-3.0-or-later
// map E.h5ad, markers FILE
#include "app/cli/commands.h"
#include "app/cli/option_texts.h"
#include "core/api/map_options.h"
#include "core/api/markers_options.h"

#include <filesystem>

namespace cw {
namespace {

std::string map_text(const Json& result) {
  std::string text = std::to_string(result.value("cells", 0)) + " cells mapped from " + result.value("made_from", "");
  if (result.contains("clusters")) text += ", " + std::to_string(result["clusters"].get<int>()) + " clusters";
  return text + ": " + result.value("output", "");
}

std::string markers_text(const Json& result) {
  std::string text;
  for (const auto& [group, genes] : result["best"].items()) {
    text += group + ":";
    for (const auto& gene : genes) text += " " + gene.get<std::string>();
    text += "\n";
  }
  return text + "written: " + result.value("output", "");
}

struct MapChoice {
  bool umap = false, tsne = false, clusters = false;
};

int run_map_command(const CliContext& context, MapOptions options, const MapChoice& choice) {
  // without a choice: the default; with one: what was named
  if (choice.umap || choice.tsne || choice.clusters) {
    options.umap = choice.umap;
    options.tsne = choice.tsne;
    options.clusters = choice.clusters;
  }
  if (options.output.empty()) {
    options.output = std::filesystem::path(options.input).replace_extension(".map.h5ad").string();
  }
  for (std::string* path : {&options.input, &options.output}) make_absolute(*path);
  options.seed = context.global.seed;
  options.num_threads = context.global.threads;
  options.overwrite = context.global.overwrite;
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  return context.run_job(new_job("map", to_json(options)), options.output, false, map_text);
}

int run_markers_command(const CliContext& context, MarkersOptions options) {
  for (std::string* path : {&options.input, &options.groups_file, &options.output}) make_absolute(*path);
  options.num_threads = context.global.threads;
  options.overwrite = context.global.overwrite;
  if (const auto valid = options.validate(); !valid.ok()) return context.fail(valid.error());
  return context.run_job(new_job("markers", to_json(options)), options.output, false, markers_text);
}

}  // namespace

void add_map_commands(CLI::App& app, CliContext& context) {
  static MapOptions map_options;
  static MapChoice choice;
  auto* map = app.add_subcommand("map", "Principal components, UMAP, t-SNE and clusters of cells");
  map->add_option("INPUT", map_options.input, "h5ad with an embedding, or a count file")->required();
  map->add_option("--out", map_options.output, "h5ad to write [INPUT with .map.h5ad at its end]")->type_name("FILE");
  map->add_option("--of", map_options.of, "Matrix in obsm [X_cellwright, else X_pca, else the counts]")
      ->type_name("OBSM");
  map->add_option("--counts", map_options.counts, "Counts of a count file: auto, X, raw or layer:NAME")
      ->capture_default_str();
  map->add_option("--genes", map_options.num_genes, "Most variable genes used of a count file")->capture_default_str();
  map->add_option("--pca", map_options.num_components, "Principal components, 0 = none")->capture_default_str();
  map->add_option("--neighbors", map_options.num_neighbors, "Neighbours per cell, itself counted; more is coarser")
      ->capture_default_str();
  map->add_option("--metric", map_options.metric, "euclidean or cosine")->capture_default_str();
  map->add_flag("--umap", choice.umap, "UMAP [with --clusters, if none of the three is named]");
  map->add_flag("--tsne", choice.tsne, "t-SNE: keeps neighbourhoods, not distances between groups");
  map->add_flag("--clusters", choice.clusters, "Leiden clusters");
  map->add_option("--dimensions", map_options.dimensions, "UMAP: 2, or 3 to turn it in space")->capture_default_str();
  map->add_option("--min-dist", map_options.min_dist, "UMAP: points nearer than this are together, 0 to the spread")
      ->capture_default_str();
  map->add_option("--spread", map_options.spread, "UMAP: scale of the map, above 0")->capture_default_str();
  map->add_option("--perplexity", map_options.perplexity, "t-SNE: size of a neighbourhood, in cells")
      ->capture_default_str();
  map->add_option("--resolution", map_options.resolution, "Clusters: larger gives more of them")->capture_default_str();
  map->add_option("--batch", map_options.batch, "Column whose mixing is measured, e.g. donor")->type_name("COLUMN");
  map->add_option("--label", map_options.label, "Column of cell types whose separation is measured, e.g. cell_type")
      ->type_name("COLUMN");
  map->footer("Example: cellwright map e.h5ad --out map.h5ad --label cell_type --batch donor");
  map->callback([&context] { context.action = [&context] { return run_map_command(context, map_options, choice); }; });

  static MarkersOptions markers_options;
  auto* markers = app.add_subcommand("markers", "Marker genes of the groups of a column, as CSV");
  markers->add_option("INPUT", markers_options.input, "File with counts")->required();
  markers->add_option("--groups", markers_options.groups, "Column of the groups")->required()->type_name("COLUMN");
  markers->add_option("--groups-file", markers_options.groups_file, "File that has that column, e.g. a map [INPUT]")
      ->type_name("FILE");
  markers->add_option("--donor", markers_options.donor, "Column of donors: they are then the replicates")
      ->type_name("COLUMN");
  markers->add_option("--out", markers_options.output, "CSV to write")->required()->type_name("FILE");
  markers->add_option("--counts", markers_options.counts, "auto, X, raw or layer:NAME")->capture_default_str();
  markers
      ->add_option("--min-cells-per-donor", markers_options.min_cells_per_donor,
                   "Cells that a donor needs inside and outside a group")
      ->capture_default_str();
  markers->add_option("--top", markers_options.top, "Genes per group, 0 = all")->capture_default_str();
  markers->footer("Example: cellwright markers pbmc.h5ad --groups cluster --groups-file map.h5ad --out markers.csv");
  markers->callback(
      [&context] { context.action = [&context] { return run_markers_command(context, markers_options); }; });
}

}  // namespace cw
