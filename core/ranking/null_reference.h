// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ranking/outcome.h"
#include "core/stats/cell_mean.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Genes of nearest rank that a gene is compared with, each measured in kFewestCellsOfGene cells or more (beyond 4).
inline constexpr std::int64_t kNullGenes = 200;
/// With fewer controls than this there is no null.
inline constexpr std::int64_t kFewestControls = 20;

/// Median over cells of position / number of genes, of the cells that have the gene; NaN where none has it. Of several
/// genes that were also run alone: the mean of their medians.
[[nodiscard]] std::vector<double> median_relative_ranks(const Effects& run, const RunRows& rows);

/// What one perturbation would do if nothing were special about its genes: the controls of rank-matched perturbations.
struct NullSummary {
  double mean;      ///< median of the controls' effects; NaN without controls
  double sd;        ///< 1.4826 · MAD of the controls' effects
  double z;         ///< (effect − mean) / sqrt(sd² + se²)
  double p;         ///< two-sided: normal tail of z, or the rank among random perturbations
  bool smallest_p;  ///< no random perturbation was as extreme: more of them could give a smaller p
};

/// Finds the controls of each perturbation: the random stand-ins that the run computed for it (role "null"), else, in
/// runs of every gene (not screened ones), the genes nearest in median relative rank.
class NullReference {
 public:
  NullReference(const Effects& run, const RunRows& rows, const std::vector<double>& relative_ranks);

  /// Indices of the controls; empty if there are too few.
  [[nodiscard]] std::vector<std::int32_t> controls_of(std::int32_t perturbation) const;
  [[nodiscard]] bool is_random(std::int32_t perturbation) const noexcept;

  /// Compares every perturbation's outcome with that of its controls; NaN for those measured in fewer than
  /// `kFewestCellsOfGene` cells, whose own standard error says nothing.
  [[nodiscard]] std::vector<NullSummary> compare(const std::vector<OutcomeSummary>& outcome, int num_threads) const;

  /// Excess of each replicate donor over the median of the controls in the same donor, in the order of
  /// `means.replicates`; a donor's own sensitivity cancels. Empty without replicates or controls.
  [[nodiscard]] std::vector<double> donor_excess(const DonorMeans& means, std::int32_t perturbation) const;

 private:
  std::vector<std::vector<std::int32_t>> random_;  // by perturbation: role "null" with this partner
  std::vector<std::int32_t> order_;                // candidates of one kind after the other, by relative rank
  struct Window {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  std::vector<Window> windows_;  // by perturbation: part of `order_`
};

}  // namespace cw
