// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/fuzzy_graph.h"

#include "core/base/parallel.h"

#include <umappp/combine_neighbor_sets.hpp>
#include <umappp/neighbor_similarities.hpp>

namespace cw {

FuzzyGraph fuzzy_graph(const Neighbors& neighbors, int num_threads) {
  umappp::NeighborList<std::int32_t, float> lists(static_cast<std::size_t>(neighbors.num_rows));
  parallel_for(0, neighbors.num_rows, 4096, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      auto& list = lists[static_cast<std::size_t>(i)];
      list.reserve(static_cast<std::size_t>(2 * neighbors.num_neighbors));
      const auto ids = neighbors.ids_of(i);
      const auto distances = neighbors.distances_of(i);
      for (std::size_t j = 0; j < ids.size(); ++j) list.emplace_back(ids[j], distances[j]);
    }
  });
  umappp::NeighborSimilaritiesOptions<float> options;
  options.num_threads = effective_threads(num_threads);
  umappp::neighbor_similarities(lists, options);
  umappp::combine_neighbor_sets(lists, 1.0F);

  FuzzyGraph graph;
  for (const auto& list : lists) graph.offsets.push_back(graph.offsets.back() + static_cast<std::int64_t>(list.size()));
  graph.ids.reserve(static_cast<std::size_t>(graph.offsets.back()));
  graph.weights.reserve(graph.ids.capacity());
  for (const auto& list : lists) {
    for (const auto& [id, weight] : list) {
      graph.ids.push_back(id);
      graph.weights.push_back(weight);
    }
  }
  return graph;
}

std::int64_t count_components(const FuzzyGraph& graph) {
  std::vector<char> seen(static_cast<std::size_t>(graph.num_rows()), 0);
  std::vector<std::int64_t> open;
  std::int64_t components = 0;
  for (std::int64_t start = 0; start < graph.num_rows(); ++start) {
    if (seen[static_cast<std::size_t>(start)]) continue;
    ++components;
    seen[static_cast<std::size_t>(start)] = 1;
    open.push_back(start);
    while (!open.empty()) {
      const std::int64_t at = open.back();
      open.pop_back();
      for (const auto next : graph.ids_of(at)) {
        if (seen[static_cast<std::size_t>(next)]) continue;
        seen[static_cast<std::size_t>(next)] = 1;
        open.push_back(next);
      }
    }
  }
  return components;
}

}  // namespace cw
