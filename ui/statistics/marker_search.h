// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/maps/marker_genes.h"
#include "ui/document/dataset.h"

#include <memory>
#include <vector>

namespace cw::ui {

/// Counts of a data set in memory; of large ones of every second, third, ... cell.
struct SampledCounts {
  CountMatrix matrix;
  std::vector<std::int64_t> cells;  ///< [cells of the matrix] row in the data set
  std::int64_t stride = 1;
};
using SampledCountsPtr = std::shared_ptr<const SampledCounts>;

/// Runs in the files lane. Errors: those of the reader, kRefused E-UI-301 (no counts), kCancelled.
[[nodiscard]] Result<SampledCountsPtr> read_sampled_counts(const Dataset& dataset, JobContext& context);

/// Genes that mark some cells against all others, the best first: those detected anywhere, by falling AUC.
struct MarkerList {
  std::vector<std::int64_t> genes;  ///< rows of the data set's genes
  std::vector<MarkerStatistics> statistics;
  std::vector<double> fdr;
  std::int64_t cells_inside = 0;
  std::int64_t cells_outside = 0;
  std::int64_t donors = 0;
  bool by_donors = false;
  bool sampled = false;
};
using MarkerListPtr = std::shared_ptr<const MarkerList>;

/// The engine's marker statistics (core/maps/marker_genes.h) of the cells of a mask against the rest. `donors` may be
/// null. Runs in the compute lane. Errors: kInvalidArgument E-UI-302 (fewer than three cells on one side), kCancelled.
[[nodiscard]] Result<MarkerListPtr> find_markers(const SampledCounts& counts, const std::vector<std::uint8_t>& inside,
                                                 const Column* donors, JobContext& context);

}  // namespace cw::ui
