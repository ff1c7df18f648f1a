// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/fuzzy_graph.h"

#include <cstdint>
#include <vector>

namespace cw {

struct LeidenOptions {
  /// Larger gives more clusters, > 0. 1 as scanpy.
  double resolution = 1.0;
  std::uint64_t seed = 42;
};

struct Clusters {
  std::vector<std::int32_t> labels;  ///< [N]; 0 is the largest cluster, equal sizes by first cell
  std::int32_t num_clusters = 0;
  double modularity = 0.0;  ///< of the partition at that resolution
};

/// Communities of the graph by the Leiden method with modularity, until nothing changes.
///
/// Source   Traag et al. 2019, doi:10.1038/s41598-019-41695-z, by igraph, with the settings of scanpy (weights, node
///          weights = strengths, beta 0.01).
/// Errors   kOutOfMemory E-MAP-006, kInternal E-MAP-006, kCancelled.
/// Repeat   equal for equal seed. One run at a time per process: igraph has one random generator.
[[nodiscard]] Result<Clusters> leiden_clusters(const FuzzyGraph& graph, const LeidenOptions& options, JobContext& ctx);

/// Agreement of two labelings of the same cells: 1 = the same partition, 0 = as by chance (Hubert and Arabie 1985,
/// doi:10.1007/BF01908075). Rows with a negative label in either are left out.
[[nodiscard]] double adjusted_rand_index(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b);

}  // namespace cw
