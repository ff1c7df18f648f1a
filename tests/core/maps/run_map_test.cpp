// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/run_map.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/io/h5ad_writer.h"
#include "core/maps/clusters.h"
#include "core/maps/run_markers.h"
#include "core/tokenize/data_formats.h"
#include "tests/core/maps/golden_mixture.h"

#include <gtest/gtest.h>

#include <set>

namespace cw {
namespace {

const std::string kPbmc = std::string(CW_SOURCE_DIR) + "/resources/example/pbmc3k_half_a.h5ad";

class RunMap : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = make_scratch_folder(std::filesystem::temp_directory_path()).value(); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }

  /// An h5ad as `cellwright embed` writes it: the golden mixture without counts.
  [[nodiscard]] std::string embedding_file() const {
    const auto& cells = test::golden_cells();
    H5adContent content;
    std::vector<std::int32_t> batch = test::golden_mixture()["batch"].get<std::vector<std::int32_t>>();
    for (std::int64_t i = 0; i < cells.num_rows; ++i) content.cells.index.push_back("cell" + std::to_string(i));
    content.cells.columns.push_back(Column::of_codes("type", cells.labels, {"a", "b", "c", "d", "e"}));
    content.cells.columns.push_back(Column::of_codes("run", batch, {"one", "two"}));
    content.embeddings.emplace_back("X_cellwright", DenseArray{cells.num_rows, cells.num_columns, cells.values});
    content.uns = Json{{"cellwright", "kept"}};
    JobContext ctx;
    EXPECT_TRUE(write_h5ad(at("e.h5ad"), content, false, ctx).ok());
    return at("e.h5ad");
  }

  std::filesystem::path folder_;
};

class Progress : public JobSink {
 public:
  void progress(double fraction, std::int64_t, std::int64_t, std::string_view) override { seen.push_back(fraction); }
  void event(std::string_view, const Json&) override {}
  std::vector<double> seen;
};

TEST_F(RunMap, AddsAMapToACopyOfTheEmbeddings) {
  MapOptions options;
  options.input = embedding_file();
  options.output = at("f.h5ad");
  options.tsne = true;
  options.label = "type";
  options.batch = "run";
  const std::string before = sha256_of_path(options.input).value();
  Progress progress;
  JobContext ctx(&progress, std::make_shared<std::atomic<bool>>(false));
  const auto summary = run_map(options, ctx);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  EXPECT_EQ(sha256_of_path(options.input).value(), before);
  EXPECT_EQ(progress.seen.front(), 0.0);
  EXPECT_EQ(progress.seen.back(), 1.0);
  EXPECT_TRUE(std::is_sorted(progress.seen.begin(), progress.seen.end()));

  const auto written = data_formats().open_dataset(options.output);
  ASSERT_TRUE(written.ok()) << written.error().message;
  const auto& names = (*written)->info().embeddings;
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()),
            (std::set<std::string>{"X_cellwright", "X_pca", "X_tsne", "X_umap"}));
  EXPECT_EQ((*written)->embedding("X_umap")->num_columns, 2);
  EXPECT_EQ((*written)->embedding("X_pca")->num_columns, 20);
  const Column clusters = (*written)->cell_column("cluster").value();
  EXPECT_EQ(adjusted_rand_index(clusters.codes, test::golden_cells().labels), 1.0);
  EXPECT_EQ((*summary)["made_from"], "X_cellwright");
  EXPECT_EQ((*summary)["label"]["clusters_ari"], 1.0);
  EXPECT_NEAR((*summary)["label"]["silhouette"].get<double>(),
              test::golden_mixture()["silhouette"]["mean"].get<double>(), 1e-5);
  EXPECT_GT((*summary)["batch"]["ilisi_median"].get<double>(), 1.5);
  EXPECT_GT((*summary)["batch"]["batch_silhouette"].get<double>(), 0.9);
}

TEST_F(RunMap, RepeatsBitForBitWithAnyNumberOfThreads) {
  MapOptions options;
  options.input = embedding_file();
  std::vector<std::vector<float>> maps;
  for (const int threads : {1, 2, 4}) {
    options.num_threads = threads;
    options.output = at("f" + std::to_string(threads) + ".h5ad");
    JobContext ctx;
    ASSERT_TRUE(run_map(options, ctx).ok());
    maps.push_back(data_formats().open_dataset(options.output).value()->embedding("X_umap").value().values);
  }
  EXPECT_EQ(maps[0], maps[1]);
  EXPECT_EQ(maps[0], maps[2]);
}

TEST_F(RunMap, RefusesWhatIsNotThereAndWritesNothing) {
  MapOptions options;
  options.input = embedding_file();
  options.output = at("f.h5ad");
  JobContext ctx;
  options.of = "X_scvi";
  const auto no_matrix = run_map(options, ctx);
  EXPECT_EQ(no_matrix.error().id, "E-MAP-007");
  EXPECT_NE(no_matrix.error().message.find("X_cellwright"), std::string::npos);
  options.of = "";
  options.batch = "plate";
  EXPECT_EQ(run_map(options, ctx).error().code, ErrorCode::kNotFound);
  options.batch = "";
  options.input = at("none.h5ad");
  EXPECT_EQ(run_map(options, ctx).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(options.output));
}

TEST_F(RunMap, LeavesNothingBehindWhenCancelled) {
  MapOptions options;
  options.input = embedding_file();
  options.output = at("f.h5ad");
  JobContext ctx;
  ctx.request_cancel();
  EXPECT_EQ(run_map(options, ctx).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(RunMap, DoesNotOverwriteUnlessAsked) {
  MapOptions options;
  options.input = embedding_file();
  options.output = options.input;
  JobContext ctx;
  EXPECT_EQ(run_map(options, ctx).error().code, ErrorCode::kInvalidArgument);
  options.overwrite = true;
  EXPECT_TRUE(run_map(options, ctx).ok());
}

TEST_F(RunMap, RealBloodCellsClusterByTypeAndHaveTheirKnownMarkers) {
  MapOptions options;
  options.input = kPbmc;
  options.output = at("pbmc.h5ad");
  options.label = "cell_type";
  JobContext ctx;
  const auto summary = run_map(options, ctx);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  const double agreement = (*summary)["label"]["clusters_ari"].get<double>();
  RecordProperty("clusters_ari", std::to_string(agreement));
  EXPECT_GT(agreement, 0.5);

  MarkersOptions markers;
  markers.input = kPbmc;
  markers.groups = "cell_type";
  markers.output = at("markers.csv");
  markers.top = 20;
  ASSERT_TRUE(run_markers(markers, ctx).ok());
  const std::string csv = read_file(markers.output).value();
  EXPECT_EQ(csv.substr(0, csv.find('\n')),
            "group,rank,gene,ensembl_id,auc,cohens_d,log2fc,detected_in,detected_out,p,fdr,n_cells,n_donors,flags");
  for (const auto* gene : {",CD3D,", ",MS4A1,", ",LYZ,", ",NKG7,"}) {
    EXPECT_NE(csv.find(gene), std::string::npos) << gene;
  }
  EXPECT_NE(csv.find("cells-not-donors"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(markers.output + ".provenance.json"));

  markers.groups = "cluster";
  markers.groups_file = options.output;
  markers.output = at("clusters.csv");
  const auto of_clusters = run_markers(markers, ctx);
  ASSERT_TRUE(of_clusters.ok()) << of_clusters.error().message;
  EXPECT_EQ((*of_clusters)["groups"], (*summary)["clusters"]);
}

TEST_F(RunMap, MarkersSayWhatIsMissing) {
  MarkersOptions options;
  options.input = embedding_file();
  options.groups = "type";
  options.output = at("markers.csv");
  JobContext ctx;
  EXPECT_EQ(run_markers(options, ctx).error().id, "E-MRK-001");
  options.groups_file = options.input;
  options.input = kPbmc;
  EXPECT_EQ(run_markers(options, ctx).error().id, "E-MRK-003");
}

TEST(MapOptionsJson, GoesBothWaysAndRefusesUnknownKeysAndBadRanges) {
  MapOptions options;
  options.input = "a.h5ad";
  options.output = "b.h5ad";
  options.resolution = 0.5;
  options.tsne = true;
  EXPECT_EQ(to_json(map_options_from_json(to_json(options)).value()), to_json(options));
  Json json = to_json(options);
  json["neighbours"] = 3;
  EXPECT_EQ(map_options_from_json(json).error().id, "E-ARG-001");
  const Json wrong{{"num_neighbors", 1}, {"min_dist", 2.0},      {"metric", "l3"}, {"resolution", 0.0},
                   {"perplexity", 1.0},  {"num_components", -1}, {"output", ""}};
  for (const auto& [key, bad] : wrong.items()) {
    json = to_json(options);
    json[key] = bad;
    EXPECT_EQ(map_options_from_json(json)->validate().error().id, "E-ARG-002") << key;
  }
}

TEST(MarkersOptionsJson, GoesBothWaysAndRefusesUnknownKeysAndBadRanges) {
  MarkersOptions options;
  options.input = "a.h5ad";
  options.groups = "type";
  options.output = "b.csv";
  options.donor = "donor";
  EXPECT_EQ(to_json(markers_options_from_json(to_json(options)).value()), to_json(options));
  Json json = to_json(options);
  json["group"] = "x";
  EXPECT_EQ(markers_options_from_json(json).error().id, "E-ARG-001");
  const Json wrong{{"groups", ""}, {"top", -1}, {"min_cells_per_donor", 0}};
  for (const auto& [key, bad] : wrong.items()) {
    json = to_json(options);
    json[key] = bad;
    EXPECT_EQ(markers_options_from_json(json)->validate().error().id, "E-ARG-002") << key;
  }
}

}  // namespace
}  // namespace cw
