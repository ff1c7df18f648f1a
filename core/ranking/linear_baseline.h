// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/ranking/outcome.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// Counts of the cells that the baseline without a model needs: those of the run, and of its states.
struct BaselineCounts {
  std::vector<std::uint64_t> offsets{0};    ///< [rows + 1], compressed rows
  std::vector<std::uint32_t> genes;         ///< column, each once per row
  std::vector<float> counts;                ///< unnormalised
  std::vector<std::int32_t> token_of_gene;  ///< [columns], -1 = not in the vocabulary; no token twice
  std::vector<double> median_of_gene;       ///< [columns] of the dictionary; NaN where there is no token
  std::vector<std::int32_t> state_of_row;   ///< [rows] index into the run's states, -1 = none of them
  std::vector<std::string> donor_of_row;    ///< [rows], "" = not known
  std::vector<std::int64_t> row_of_cell;    ///< [cells of the run], -1 = not found

  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(offsets.size()) - 1; }
};

struct LinearBaseline {
  std::vector<float> values;      ///< gathered order: progress (with states) or impact (without); NaN = not known
  std::vector<double> de_log2fc;  ///< [perturbations] of single genes, goal against start; NaN = not known
  std::int64_t num_components = 0;
};

/// The effect of each perturbation in a linear space instead of the model (beyond 5): principal components of log1p of
/// counts per 10,000 of the cells given; the gene's count is set to 0 (delete), to the cell's largest count
/// (overexpress) or to the count that would give it its target rank (inhibit, activate, rank). Counts per 10,000 keep
/// the cell's original total, so that one gene changes and nothing else. With states: progress from start to goal
/// centroid; without: 1 − cosine of the cell before and after. de_log2fc: pseudobulk counts per million of the state's
/// cells, the mean over donors, log2((goal + 1) / (start + 1)).
///
/// Errors   kCancelled, and those of `principal_components`.
/// Repeat   equal for any number of threads.
[[nodiscard]] Result<LinearBaseline> linear_baseline(const Effects& run, const RunRows& rows,
                                                     const BaselineCounts& counts, std::uint64_t seed, int num_threads,
                                                     JobContext& context);

}  // namespace cw
