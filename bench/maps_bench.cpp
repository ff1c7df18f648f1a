// SPDX-License-Identifier: GPL-3.0-or-later
// maps_bench MATRIX.f32 ROWS COLUMNS NEIGHBORS THREADS OUT.f32: times every step of a map of raw float32 rows and
// writes the coordinates; prints one JSON object. maps_bench.py runs it beside umap-learn.
#include "core/base/files.h"
#include "core/maps/fuzzy_graph.h"
#include "core/maps/neighbors.h"
#include "core/maps/pca.h"
#include "core/maps/umap_layout.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace {

class Stopwatch {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

cw::Result<cw::Json> measure(char** arguments) {
  const std::int64_t rows = std::stoll(arguments[2]);
  const std::int64_t columns = std::stoll(arguments[3]);
  const int threads = std::stoi(arguments[5]);
  CW_ASSIGN(const std::string bytes, cw::read_file(arguments[1]));
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  std::memcpy(values.data(), bytes.data(), std::min(bytes.size(), values.size() * sizeof(float)));
  const cw::MatrixView matrix{values.data(), rows, columns};

  cw::JobContext ctx;
  cw::Json figures{{"rows", rows}, {"columns", columns}, {"threads", threads}};
  Stopwatch total;
  Stopwatch watch;
  cw::NeighborOptions neighbor_options;
  neighbor_options.num_neighbors = std::stoi(arguments[4]) - 1;
  neighbor_options.num_threads = threads;
  CW_ASSIGN(const cw::Neighbors neighbors, cw::nearest_neighbors(matrix, neighbor_options, ctx));
  figures["neighbors_s"] = watch.lap();
  const cw::FuzzyGraph graph = cw::fuzzy_graph(neighbors, threads);
  figures["graph_s"] = watch.lap();
  CW_ASSIGN(const cw::Pca start, cw::principal_components(matrix, {2, 42, threads}, ctx));
  figures["pca_s"] = watch.lap();
  cw::UmapOptions umap_options;
  umap_options.num_threads = threads;
  CW_ASSIGN(const std::vector<float> layout, cw::umap_layout(graph, {start.scores.data(), rows, 2}, umap_options, ctx));
  figures["layout_s"] = watch.lap();
  figures["total_s"] = total.lap();
  figures["edges"] = graph.ids.size();
  CW_TRY(cw::write_file_atomically(arguments[6], {reinterpret_cast<const char*>(layout.data()), layout.size() * 4}));
  const std::string ids_path = std::string(arguments[6]) + ".ids";
  CW_TRY(cw::write_file_atomically(ids_path,
                                   {reinterpret_cast<const char*>(neighbors.ids.data()), neighbors.ids.size() * 4}));
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: maps_bench MATRIX.f32 ROWS COLUMNS NEIGHBORS THREADS OUT.f32\n";
    return 2;
  }
  const auto figures = measure(argv);
  if (!figures) {
    std::cerr << figures.error().message << '\n';
    return cw::exit_code(figures.error().code);
  }
  std::cout << figures->dump() << '\n';
  return 0;
}
