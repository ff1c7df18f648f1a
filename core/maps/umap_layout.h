// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/fuzzy_graph.h"
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <vector>

namespace cw {

struct UmapOptions {
  /// Distance on the map below which points count as together; larger spreads clusters out. [0, spread], 0.5 as scanpy.
  double min_dist = 0.5;
  /// Scale of the map, > 0. 1 as scanpy.
  double spread = 1.0;
  /// Passes over the graph; 0 = 500 up to 10,000 cells, else 200, as umap-learn.
  int num_epochs = 0;
  /// Random points that every followed edge pushes away. 5 as umap-learn.
  int negative_samples = 5;
  std::uint64_t seed = 42;
  /// 0 = all.
  int num_threads = 0;
};

/// The parameters a, b of 1 / (1 + a d^2b), fitted to `min_dist` and `spread`.
struct UmapCurve {
  double a = 0.0;
  double b = 0.0;
};
[[nodiscard]] UmapCurve umap_curve(double min_dist, double spread);

/// UMAP coordinates in as many dimensions as `start` has: two or three, row-major [N, D].
///
/// Source   McInnes et al. 2018, arXiv:1802.03426, with umap-learn's sampling and step sizes. Deviations: all points of
///          an epoch move at once, away from and towards the places of the last epoch; powers are approximated to 1e-4;
///          the start is `start` (the first principal components) instead of eigenvectors of the graph, which do
///          not exist for a graph in several pieces.
/// Shapes   start: [N, 2] or [N, 3], scaled inside.
/// Errors   kShape E-MAP-003 (start does not fit the graph), kCancelled.
/// Cancel   checked every epoch.
/// Repeat   equal for equal seed; the number of threads does not matter.
/// Cost     O(epochs * edges).
[[nodiscard]] Result<std::vector<float>> umap_layout(const FuzzyGraph& graph, MatrixView start,
                                                     const UmapOptions& options, JobContext& ctx);

}  // namespace cw
