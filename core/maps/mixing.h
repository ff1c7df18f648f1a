// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/matrix_view.h"
#include "core/maps/neighbors.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Silhouette widths of labelled cells.
struct Silhouette {
  double mean = 0.0;  ///< average silhouette width (ASW) over all labelled cells; NaN with less than two labels
  std::vector<double> by_cell;  ///< of each labelled cell, in the order of `rows`
  std::vector<std::int64_t> rows;
};

/// How much nearer cells are to their own label than to the next one: 1 = far apart, 0 = overlapping, below 0 = wrong.
///
/// Source   Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7; equal to scikit-learn to 1e-6. A cell alone in its label
///          has width 0. Cells with a negative label are left out.
/// Cost     O(n^2 D): beyond `max_cells` labelled cells a seeded sample of so many is measured against itself.
/// Errors   kCancelled.
[[nodiscard]] Result<Silhouette> silhouette(MatrixView rows, std::span<const std::int32_t> labels,
                                            std::int64_t max_cells, std::uint64_t seed, int num_threads,
                                            JobContext& ctx);

/// Batch silhouette of scIB: mean over labels of 1 - |width of the batches inside the label|; 1 = batches are mixed.
/// Source Luecken et al. 2022, doi:10.1038/s41592-021-01336-8. NaN where no label holds two batches. Errors:
/// kCancelled.
[[nodiscard]] Result<double> batch_silhouette(MatrixView rows, std::span<const std::int32_t> labels,
                                              std::span<const std::int32_t> batches, std::int64_t max_cells,
                                              std::uint64_t seed, int num_threads, JobContext& ctx);

/// Local inverse Simpson's index: the effective number of labels among each cell's neighbours, from 1 (one label) to
/// the number of labels (mixed).
///
/// Source   Korsunsky et al. 2019, doi:10.1038/s41592-019-0619-0: neighbours weighted by a Gaussian of the given
///          perplexity (30 with 90 neighbours there). Neighbours with a negative label are left out of the sum.
/// Repeat   equal for any number of threads.
[[nodiscard]] std::vector<double> local_simpson_index(const Neighbors& neighbors, std::span<const std::int32_t> labels,
                                                      double perplexity, int num_threads);

}  // namespace cw
