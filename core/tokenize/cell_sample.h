// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/dataset_reader.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Sums and lengths of some cells of a file.
struct CellSample {
  std::int64_t num_cells = 0;
  double sum = 0.0;
  std::vector<double> gene_counts;                    ///< [genes]
  std::vector<std::vector<std::int64_t>> num_tokens;  ///< for each vocabulary: genes of it in each cell
};

/// Looks at up to `max_cells` cells (0 = all): in runs spread over the file where it can be read from any place, else
/// at the first ones. `tokens`: for each vocabulary, the token of each gene or -1. Values that are no counts are passed
/// over. Errors: those of the reader, kCancelled.
[[nodiscard]] Result<CellSample> sample_cells(DatasetReader& reader, const MatrixInfo& matrix, std::int64_t max_cells,
                                              std::span<const std::vector<std::int32_t>> tokens, JobContext& ctx);

}  // namespace cw
