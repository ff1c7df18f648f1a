// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/tsne.h"

#include "core/base/parallel.h"
#include "core/maps/fixed_random.h"

#include <qdtsne/qdtsne.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace cw {
namespace {

std::vector<double> scaled_start(MatrixView start) {
  std::vector<double> places(static_cast<std::size_t>(2 * start.num_rows));
  double squares = 0.0;
  for (std::int64_t i = 0; i < start.num_rows; ++i) {
    squares += static_cast<double>(start.data[2 * i]) * start.data[2 * i];
  }
  const double deviation = std::sqrt(squares / static_cast<double>(start.num_rows));
  const double scale = deviation > 0.0 ? 1e-4 / deviation : 0.0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    // the noise lets equal cells part
    places[i] = static_cast<double>(start.data[i]) * scale + 1e-6 * (unit_interval(scramble(i)) - 0.5);
  }
  return places;
}

}  // namespace

int tsne_neighbors(double perplexity) { return static_cast<int>(std::ceil(3.0 * perplexity)); }

Result<std::vector<float>> tsne_layout(const Neighbors& neighbors, MatrixView start, const TsneOptions& options,
                                       JobContext& ctx) {
  const std::int64_t n = neighbors.num_rows;
  if (start.num_rows != n || start.num_columns != 2) {
    return Error{ErrorCode::kShape, "E-MAP-003",
                 "the start of the map is " + std::to_string(start.num_rows) + " x " +
                     std::to_string(start.num_columns) + "; expected " + std::to_string(n) + " x 2"};
  }
  qdtsne::NeighborList<std::int32_t, double> lists(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    const auto ids = neighbors.ids_of(i);
    const auto distances = neighbors.distances_of(i);
    auto& list = lists[static_cast<std::size_t>(i)];
    for (std::size_t j = 0; j < ids.size(); ++j) list.emplace_back(ids[j], static_cast<double>(distances[j]));
  }
  qdtsne::Options settings;
  settings.infer_perplexity = false;
  settings.perplexity = std::min(options.perplexity, static_cast<double>(neighbors.num_neighbors) / 3.0);
  settings.max_iterations = options.num_iterations;
  settings.eta = std::max(200.0, static_cast<double>(n) / 12.0);
  settings.num_threads = effective_threads(options.num_threads);

  std::vector<double> places = scaled_start(start);
  auto status = qdtsne::initialize<2>(std::move(lists), settings);
  constexpr int kStep = 10;
  for (int done = 0; done < options.num_iterations; done += kStep) {
    if (ctx.cancelled()) return cancelled_error("t-SNE");
    ctx.report(done, options.num_iterations, "t-SNE");
    status.run(places.data(), std::min(done + kStep, options.num_iterations));
  }
  ctx.report(options.num_iterations, options.num_iterations, "t-SNE");
  return std::vector<float>(places.begin(), places.end());
}

}  // namespace cw
