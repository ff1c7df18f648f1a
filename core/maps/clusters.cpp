// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/clusters.h"

#include <igraph/igraph.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <string>

namespace cw {
namespace {

/// The context whose cancel flag igraph asks for, set while a run is on.
thread_local const JobContext* running = nullptr;

igraph_error_t stop_if_cancelled(void*) {
  return running != nullptr && running->cancelled() ? IGRAPH_INTERRUPTED : IGRAPH_SUCCESS;
}

/// igraph's vectors and graph, destroyed in all cases.
struct RealVector {
  igraph_vector_t data;
  explicit RealVector(igraph_integer_t size) { igraph_vector_init(&data, size); }
  RealVector(const RealVector&) = delete;
  RealVector& operator=(const RealVector&) = delete;
  ~RealVector() { igraph_vector_destroy(&data); }
};

struct WholeVector {
  igraph_vector_int_t data;
  explicit WholeVector(igraph_integer_t size) { igraph_vector_int_init(&data, size); }
  WholeVector(const WholeVector&) = delete;
  WholeVector& operator=(const WholeVector&) = delete;
  ~WholeVector() { igraph_vector_int_destroy(&data); }
};

struct Graph {
  igraph_t data{};
  bool made = false;
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    if (made) igraph_destroy(&data);
  }
};

Error igraph_failure(igraph_error_t code) {
  if (code == IGRAPH_INTERRUPTED) return cancelled_error("clustering");
  return {code == IGRAPH_ENOMEM ? ErrorCode::kOutOfMemory : ErrorCode::kInternal, "E-MAP-006",
          std::string("clustering failed in igraph: ") + igraph_strerror(code)};
}

#define CW_IGRAPH(call)                                                                          \
  do {                                                                                           \
    if (const igraph_error_t code = (call); code != IGRAPH_SUCCESS) return igraph_failure(code); \
  } while (false)

Result<Clusters> run_leiden(const FuzzyGraph& graph, const LeidenOptions& options) {
  const auto num_edges = static_cast<igraph_integer_t>(graph.ids.size() / 2);
  WholeVector edges(2 * num_edges);
  RealVector weights(num_edges);
  igraph_integer_t e = 0;
  double total = 0.0;
  for (std::int64_t i = 0; i < graph.num_rows(); ++i) {
    const auto ids = graph.ids_of(i);
    for (std::size_t j = 0; j < ids.size(); ++j) {
      if (ids[j] <= i) continue;  // every edge stands at both of its ends
      VECTOR(edges.data)[2 * e] = i;
      VECTOR(edges.data)[2 * e + 1] = ids[j];
      VECTOR(weights.data)[e] = static_cast<double>(graph.weights_of(i)[j]);
      total += VECTOR(weights.data)[e];
      ++e;
    }
  }
  Graph made;
  CW_IGRAPH(igraph_create(&made.data, &edges.data, graph.num_rows(), IGRAPH_UNDIRECTED));
  made.made = true;
  RealVector strengths(0);
  CW_IGRAPH(igraph_strength(&made.data, &strengths.data, igraph_vss_all(), IGRAPH_ALL, true, &weights.data));
  WholeVector membership(0);
  igraph_integer_t num_clusters = 0;
  igraph_real_t quality = 0.0;
  igraph_rng_seed(igraph_rng_default(), static_cast<igraph_uint_t>(options.seed));
  const double resolution = total > 0.0 ? options.resolution / (2.0 * total) : options.resolution;
  CW_IGRAPH(igraph_community_leiden(&made.data, &weights.data, &strengths.data, resolution, 0.01, false, -1,
                                    &membership.data, &num_clusters, &quality));
  Clusters clusters;
  clusters.num_clusters = static_cast<std::int32_t>(num_clusters);
  clusters.modularity = total > 0.0 ? quality : 0.0;
  for (std::int64_t i = 0; i < graph.num_rows(); ++i) {
    clusters.labels.push_back(static_cast<std::int32_t>(VECTOR(membership.data)[i]));
  }
  return clusters;
}

void number_by_size(Clusters& clusters) {
  const auto k = static_cast<std::size_t>(clusters.num_clusters);
  std::vector<std::int64_t> sizes(k, 0);
  std::vector<std::int64_t> first(k, -1);
  for (std::size_t i = 0; i < clusters.labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(clusters.labels[i]);
    if (sizes[label]++ == 0) first[label] = static_cast<std::int64_t>(i);
  }
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : first[a] < first[b];
  });
  std::vector<std::int32_t> number(k);
  for (std::size_t i = 0; i < k; ++i) number[order[i]] = static_cast<std::int32_t>(i);
  for (auto& label : clusters.labels) label = number[static_cast<std::size_t>(label)];
}

double pairs(double n) { return n * (n - 1.0) / 2.0; }

}  // namespace

Result<Clusters> leiden_clusters(const FuzzyGraph& graph, const LeidenOptions& options, JobContext& ctx) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  if (ctx.cancelled()) return cancelled_error("clustering");
  ctx.report(0, 1, "Clusters");
  igraph_error_handler_t* const old_error_handler = igraph_set_error_handler(igraph_error_handler_ignore);
  igraph_interruption_handler_t* const old_interruption_handler = igraph_set_interruption_handler(stop_if_cancelled);
  running = &ctx;
  auto result = run_leiden(graph, options);
  running = nullptr;
  igraph_set_interruption_handler(old_interruption_handler);
  igraph_set_error_handler(old_error_handler);
  if (result.ok()) number_by_size(result.value());
  ctx.report(1, 1, "Clusters");
  return result;
}

double adjusted_rand_index(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  std::map<std::pair<std::int32_t, std::int32_t>, double> both;
  std::map<std::int32_t, double> in_a;
  std::map<std::int32_t, double> in_b;
  double n = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] < 0 || b[i] < 0) continue;
    both[{a[i], b[i]}] += 1.0;
    in_a[a[i]] += 1.0;
    in_b[b[i]] += 1.0;
    n += 1.0;
  }
  double together = 0.0;
  double together_a = 0.0;
  double together_b = 0.0;
  for (const auto& [labels, count] : both) together += pairs(count);
  for (const auto& [label, count] : in_a) together_a += pairs(count);
  for (const auto& [label, count] : in_b) together_b += pairs(count);
  const double expected = n > 1.0 ? together_a * together_b / pairs(n) : 0.0;
  const double largest = (together_a + together_b) / 2.0;
  return largest == expected ? 1.0 : (together - expected) / (largest - expected);
}

}  // namespace cw
