// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/maps/count_matrix.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Groups of cells, and donors where there are any; -1 = none. Cells without a group are left out altogether.
struct MarkerDesign {
  std::span<const std::int32_t> groups;  ///< [cells]
  std::int32_t num_groups = 0;
  std::span<const std::int32_t> donors;  ///< [cells], or empty
  std::int32_t num_donors = 0;
  int min_cells_per_donor = 10;
};

/// One gene in one group against the cells of all other groups.
struct MarkerStatistics {
  double auc = 0.0;           ///< chance that a cell of the group has more than one outside, ties half; 0.5 = no marker
  double cohens_d = 0.0;      ///< difference of mean logarithms / root mean variance; NaN where neither side varies
  double log2fc = 0.0;        ///< log2 of (1 + mean normalised count) inside over outside
  double detected_in = 0.0;   ///< share of cells with a count, inside
  double detected_out = 0.0;  ///< and outside
  double z = 0.0;             ///< of the rank-sum test
  double p = 0.0;             ///< two-sided: t-test over donors where `by_donors`, else rank-sum test over cells
};

struct GroupMarkers {
  std::int64_t num_cells = 0;
  /// Donors with enough cells on both sides.
  std::int64_t num_donors = 0;
  /// The test compares donors: three or more of them.
  bool by_donors = false;
  std::vector<MarkerStatistics> genes;  ///< by row of the gene table
  std::vector<double> fdr;              ///< Benjamini-Hochberg over the genes of the group
};

/// Statistics of every gene in every group against the rest.
///
/// Source   Effect sizes as scran's scoreMarkers (equal to it for two groups); rank-sum test with tie correction, as
///          scanpy's rank_genes_groups; with donors a t-test of the paired differences of pseudobulk logarithms
///          (log2 of 1 + 10,000 counts / total; Squair et al. 2021, doi:10.1038/s41467-021-25960-2). Tests over cells
///          treat cells of one donor as independent, so their p values are too small.
/// Errors   kInvalidArgument E-MRK-002 (less than two groups with cells), kCancelled.
/// Repeat   equal for any number of threads.
/// Cost     O(stored values log cells + genes * groups).
[[nodiscard]] Result<std::vector<GroupMarkers>> marker_genes(const CountMatrix& matrix, const MarkerDesign& design,
                                                             int num_threads, JobContext& ctx);

}  // namespace cw
