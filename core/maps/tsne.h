// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/matrix_view.h"
#include "core/maps/neighbors.h"

#include <cstdint>
#include <vector>

namespace cw {

struct TsneOptions {
  /// About the number of neighbours that count; 1 or more. 30 as scanpy. Lowered to a third of the neighbours given.
  double perplexity = 30.0;
  int num_iterations = 1000;
  /// 0 = all.
  int num_threads = 0;
};

/// Neighbours per cell that a perplexity needs.
[[nodiscard]] int tsne_neighbors(double perplexity);

/// t-SNE coordinates in two dimensions, row-major [N, 2].
///
/// Source   van der Maaten 2014 (Barnes-Hut), by qdtsne; start = first two principal components with standard
///          deviation 1e-4 and learning rate N / 12 but at least 200 (Kobak and Berens 2019,
///          doi:10.1038/s41467-019-13056-x).
/// Shapes   start: [N, 2].
/// Errors   kShape E-MAP-003, kCancelled.
/// Cancel   checked every ten iterations.
/// Repeat   equal for any number of threads.
[[nodiscard]] Result<std::vector<float>> tsne_layout(const Neighbors& neighbors, MatrixView start,
                                                     const TsneOptions& options, JobContext& ctx);

}  // namespace cw
