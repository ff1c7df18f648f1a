// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/run_map.h"

#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/data/repeated_names.h"
#include "core/io/h5ad_writer.h"
#include "core/maps/clusters.h"
#include "core/maps/fuzzy_graph.h"
#include "core/maps/map_input.h"
#include "core/maps/mixing.h"
#include "core/maps/neighbors.h"
#include "core/maps/tsne.h"
#include "core/maps/umap_layout.h"
#include "core/stats/descriptive.h"
#include "core/tokenize/data_formats.h"

#include <algorithm>
#include <cmath>

namespace cw {
namespace {

constexpr std::int64_t kSilhouetteCells = 10'000;  // 2 s; the mean of a sample of them is good to 0.005
constexpr double kLisiPerplexity = 30.0;           // as published

/// Labels of a column, by name.
struct Labels {
  std::string column;
  std::vector<std::int32_t> codes;
  std::int32_t num_values = 0;
};

Result<Labels> read_labels(DatasetReader& reader, const std::string& name) {
  Labels labels;
  if (name.empty()) return labels;
  CW_ASSIGN(const Column found, reader.cell_column(name));
  const Column column = as_categorical(found);
  labels.column = name;
  labels.codes = column.codes;
  labels.num_values = static_cast<std::int32_t>(column.categories.size());
  return labels;
}

double median_of_known(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  return median_in_place(values);
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// One map in the making: what is known so far, what will be written, and the summary.
class MapJob {
 public:
  MapJob(const MapOptions& options, JobContext& ctx) : options_(options), ctx_(ctx) {}
  Result<Json> run();

 private:
  Result<> find_neighbors();
  Result<> lay_out();
  Result<> cluster();
  Result<> measure();
  Result<> measure_label(JobContext& part);
  Result<> measure_batch(JobContext& part);
  void describe_components();
  Result<> describe_origin();
  Result<> write();
  [[nodiscard]] std::vector<float> leading_columns(std::int64_t wanted);
  Result<std::vector<float>> start(std::int64_t dimensions);

  const MapOptions& options_;
  JobContext& ctx_;
  std::unique_ptr<DatasetReader> reader_;
  Labels label_;
  Labels batch_;
  MapInput input_;
  Neighbors far_;  ///< as many neighbours as any step needs
  Neighbors near_;
  FuzzyGraph graph_;
  Clusters clusters_;
  H5adAdditions additions_;
  Json summary_;
};

Result<Json> MapJob::run() {
  CW_ASSIGN(reader_, data_formats().open_dataset(options_.input));
  CW_ASSIGN(const auto names, reader_->cell_names());
  if (const auto text = shared_cell_names_text(names); !text.empty()) {
    ctx_.warn("W-TOK-004", options_.input + ": " + text);
  }
  CW_ASSIGN(label_, read_labels(*reader_, options_.label));
  CW_ASSIGN(batch_, read_labels(*reader_, options_.batch));
  JobContext reading = ctx_.slice(0.0, 0.25);
  CW_ASSIGN(input_, read_map_input(options_, *reader_, reading));
  additions_.uns = Json::object();
  summary_ = Json{{"output", options_.output}, {"cells", input_.space().num_rows}, {"made_from", input_.source}};
  describe_components();
  CW_TRY(find_neighbors());
  CW_TRY(lay_out());
  CW_TRY(cluster());
  CW_TRY(measure());
  CW_TRY(describe_origin());
  CW_TRY(write());
  ctx_.report(1, 1, "Map");
  return summary_;
}

void MapJob::describe_components() {
  if (!input_.pca) return;
  const Pca& pca = *input_.pca;
  additions_.embeddings.emplace_back("X_pca", DenseArray{pca.num_rows, pca.num_components, pca.scores});
  additions_.uns["pca"] = {{"params", {{"zero_center", true}, {"use_highly_variable", input_.num_genes > 0}}},
                           {"variance", pca.variances},
                           {"variance_ratio", pca.variance_ratios}};
  double explained = 0.0;
  for (const double ratio : pca.variance_ratios) explained += ratio;
  summary_["components"] = pca.num_components;
  summary_["explained_variance"] = explained;
  if (input_.num_genes > 0) summary_["variable_genes"] = input_.num_genes;
}

Result<> MapJob::find_neighbors() {
  NeighborOptions options;
  options.metric = options_.metric == "cosine" ? DistanceMetric::kCosine : DistanceMetric::kEuclidean;
  options.seed = options_.seed;
  options.num_threads = options_.num_threads;
  const int near = options_.num_neighbors - 1;  // scanpy counts the cell itself
  options.num_neighbors = near;
  const auto cells = static_cast<int>(std::min<std::int64_t>(input_.space().num_rows - 1, 1 << 30));
  const auto widen = [&](int wanted) {
    options.num_neighbors = std::max(options.num_neighbors, std::min(wanted, cells));
  };
  if (options_.tsne) widen(tsne_neighbors(options_.perplexity));
  if (!options_.batch.empty() || !options_.label.empty()) widen(tsne_neighbors(kLisiPerplexity));
  JobContext part = ctx_.slice(0.25, 0.5);
  CW_ASSIGN(far_, nearest_neighbors(input_.space(), options, part));
  near_ = far_.nearest(near);
  graph_ = fuzzy_graph(near_, options_.num_threads);

  CsrMatrix distances{near_.num_rows, near_.num_rows, {0}, {}, {}};
  for (std::int64_t i = 0; i < near_.num_rows; ++i) {
    std::vector<std::pair<std::int32_t, float>> row;
    for (std::int64_t j = 0; j < near_.num_neighbors; ++j) {
      row.emplace_back(near_.ids_of(i)[static_cast<std::size_t>(j)],
                       near_.distances_of(i)[static_cast<std::size_t>(j)]);
    }
    std::sort(row.begin(), row.end());
    for (const auto& [id, distance] : row) {
      distances.columns.push_back(static_cast<std::uint32_t>(id));
      distances.values.push_back(distance);
    }
    distances.offsets.push_back(distances.columns.size());
  }
  CsrMatrix connectivities{near_.num_rows, near_.num_rows, {}, {}, graph_.weights};
  connectivities.offsets.assign(graph_.offsets.begin(), graph_.offsets.end());
  connectivities.columns.assign(graph_.ids.begin(), graph_.ids.end());
  additions_.graphs.emplace_back("distances", std::move(distances));
  additions_.graphs.emplace_back("connectivities", std::move(connectivities));
  Json params{{"n_neighbors", options_.num_neighbors},
              {"method", "umap"},
              {"random_state", options_.seed},
              {"metric", options_.metric},
              {"use_rep", input_.space_name()}};
  if (input_.space_name() == "X_pca") params["n_pcs"] = input_.space().num_columns;
  additions_.uns["neighbors"] = {
      {"connectivities_key", "connectivities"}, {"distances_key", "distances"}, {"params", params}};
  summary_["neighbors"] = near_.num_neighbors + 1;
  summary_["connected_parts"] = count_components(graph_);
  return {};
}

/// The first columns of the space, which are principal components where there are any; 0 beyond what it has.
std::vector<float> MapJob::leading_columns(std::int64_t wanted) {
  const MatrixView space = input_.space();
  std::vector<float> columns;
  columns.reserve(static_cast<std::size_t>(space.num_rows * wanted));
  for (std::int64_t i = 0; i < space.num_rows; ++i) {
    for (std::int64_t c = 0; c < wanted; ++c)
      columns.push_back(c < space.num_columns ? space.row(i)[static_cast<std::size_t>(c)] : 0.0F);
  }
  return columns;
}

/// Where the cells stand at first on a map of so many dimensions.
Result<std::vector<float>> MapJob::start(std::int64_t dimensions) {
  if (!input_.pca && input_.source != "X_pca" && input_.space().num_columns > dimensions) {
    JobContext none;
    const PcaOptions few{static_cast<int>(dimensions), options_.seed, options_.num_threads};
    CW_ASSIGN(Pca pca, principal_components(input_.space(), few, none));
    if (pca.num_components == dimensions) return std::move(pca.scores);
  }
  return leading_columns(dimensions);
}

Result<> MapJob::lay_out() {
  const std::int64_t n = input_.space().num_rows;
  std::vector<float> flat_start;
  if (options_.tsne || options_.dimensions == 2) {
    CW_ASSIGN(flat_start, start(2));
  }
  if (options_.umap) {
    UmapOptions umap;
    umap.min_dist = options_.min_dist;
    umap.spread = options_.spread;
    umap.seed = options_.seed;
    umap.num_threads = options_.num_threads;
    JobContext part = ctx_.slice(0.5, options_.tsne ? 0.6 : 0.8);
    std::vector<float> deep_start;
    if (options_.dimensions == 3) {
      CW_ASSIGN(deep_start, start(3));
    }
    const MatrixView from{options_.dimensions == 3 ? deep_start.data() : flat_start.data(), n, options_.dimensions};
    CW_ASSIGN(auto places, umap_layout(graph_, from, umap, part));
    additions_.embeddings.emplace_back("X_umap", DenseArray{n, options_.dimensions, std::move(places)});
    const UmapCurve curve = umap_curve(options_.min_dist, options_.spread);
    additions_.uns["umap"] = {{"params",
                               {{"a", curve.a},
                                {"b", curve.b},
                                {"n_components", options_.dimensions},
                                {"init_pos", "pca"},
                                {"random_state", options_.seed}}}};
  }
  if (options_.tsne) {
    JobContext part = ctx_.slice(0.6, 0.8);
    TsneOptions tsne;
    tsne.perplexity = options_.perplexity;
    tsne.num_threads = options_.num_threads;
    CW_ASSIGN(auto places, tsne_layout(far_.nearest(tsne_neighbors(options_.perplexity)),
                                       MatrixView{flat_start.data(), n, 2}, tsne, part));
    additions_.embeddings.emplace_back("X_tsne", DenseArray{n, 2, std::move(places)});
    additions_.uns["tsne"] = {{"params",
                               {{"perplexity", options_.perplexity},
                                {"early_exaggeration", 12},
                                {"metric", options_.metric},
                                {"use_rep", input_.space_name()}}}};
  }
  return {};
}

Result<> MapJob::cluster() {
  if (!options_.clusters) return {};
  JobContext part = ctx_.slice(0.8, 0.85);
  CW_ASSIGN(clusters_, leiden_clusters(graph_, {options_.resolution, options_.seed}, part));
  std::vector<std::string> names;
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(clusters_.num_clusters), 0);
  for (std::int32_t k = 0; k < clusters_.num_clusters; ++k) names.push_back(std::to_string(k));
  for (const auto label : clusters_.labels) ++sizes[static_cast<std::size_t>(label)];
  additions_.cell_columns.push_back(Column::of_codes("cluster", clusters_.labels, names));
  additions_.uns["leiden"] = {
      {"params", {{"resolution", options_.resolution}, {"random_state", options_.seed}, {"n_iterations", -1}}}};
  summary_["clusters"] = clusters_.num_clusters;
  summary_["cluster_sizes"] = sizes;
  summary_["modularity"] = clusters_.modularity;
  return {};
}

Result<> MapJob::measure() {
  JobContext of_clusters = ctx_.slice(0.85, 0.88);
  JobContext of_label = ctx_.slice(0.88, 0.91);
  JobContext of_batch = ctx_.slice(0.91, 0.95);
  if (options_.clusters) {
    CW_ASSIGN(const Silhouette widths, silhouette(input_.space(), clusters_.labels, kSilhouetteCells, options_.seed,
                                                  options_.num_threads, of_clusters));
    summary_["cluster_silhouette"] = number_or_null(widths.mean);
  }
  if (!label_.column.empty()) CW_TRY(measure_label(of_label));
  if (!batch_.column.empty()) CW_TRY(measure_batch(of_batch));
  return {};
}

Result<> MapJob::measure_label(JobContext& part) {
  CW_ASSIGN(const Silhouette widths,
            silhouette(input_.space(), label_.codes, kSilhouetteCells, options_.seed, options_.num_threads, part));
  const auto lisi = local_simpson_index(far_, label_.codes, kLisiPerplexity, options_.num_threads);
  Json figures{{"column", label_.column},
               {"values", label_.num_values},
               {"silhouette", number_or_null(widths.mean)},
               {"silhouette_cells", widths.rows.size()},
               {"clisi_median", number_or_null(median_of_known(lisi))}};
  if (options_.clusters) figures["clusters_ari"] = adjusted_rand_index(clusters_.labels, label_.codes);
  summary_["label"] = std::move(figures);
  return {};
}

Result<> MapJob::measure_batch(JobContext& part) {
  // within cell types where they are known, else within clusters, else over all cells: batches may differ in types
  std::vector<std::int32_t> inside(batch_.codes.size(), 0);
  std::string within = "all cells";
  if (!label_.column.empty()) {
    inside = label_.codes;
    within = label_.column;
  } else if (options_.clusters) {
    inside = clusters_.labels;
    within = "cluster";
  }
  CW_ASSIGN(const double mixed, batch_silhouette(input_.space(), inside, batch_.codes, kSilhouetteCells, options_.seed,
                                                 options_.num_threads, part));
  const double lisi = median_of_known(local_simpson_index(far_, batch_.codes, kLisiPerplexity, options_.num_threads));
  summary_["batch"] = {
      {"column", batch_.column},
      {"values", batch_.num_values},
      {"ilisi_median", number_or_null(lisi)},
      {"ilisi_scaled", number_or_null(batch_.num_values > 1 ? (lisi - 1.0) / (batch_.num_values - 1) : std::nan(""))},
      {"batch_silhouette", number_or_null(mixed)},
      {"batch_silhouette_within", within}};
  return {};
}

Result<> MapJob::describe_origin() {
  CW_ASSIGN(const std::string checksum, sha256_of_path(options_.input));
  const Json provenance{{"program", "cellwright " + std::string(version())},
                        {"kind", "map"},
                        {"input", options_.input},
                        {"input_sha256", checksum},
                        {"options", to_json(options_)},
                        {"figures", summary_}};
  additions_.uns["cellwright_map"] = provenance.dump();
  return {};
}

Result<> MapJob::write() {
  JobContext part = ctx_.slice(0.95, 1.0);
  if (reader_->info().format == "h5ad") {
    reader_.reset();  // the file is opened again for the copy
    return copy_h5ad_with(options_.input, options_.output, additions_, options_.overwrite, part);
  }
  H5adContent content;
  CW_ASSIGN(content.cells, read_cells(*reader_));
  for (auto& column : additions_.cell_columns) content.cells.set(std::move(column));
  if (input_.counts) {
    CountMatrix& counts = *input_.counts;
    content.genes = std::move(counts.genes);
    content.x = CsrMatrix{content.cells.num_rows(), content.genes.num_rows(), std::move(counts.offsets),
                          std::move(counts.columns), std::move(counts.counts)};
  }
  content.embeddings = std::move(additions_.embeddings);
  content.graphs = std::move(additions_.graphs);
  content.uns = std::move(additions_.uns);
  return write_h5ad(options_.output, content, options_.overwrite, part);
}

}  // namespace

Result<Json> run_map(const MapOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  return MapJob(options, ctx).run();
}

}  // namespace cw
