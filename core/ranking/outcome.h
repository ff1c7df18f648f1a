// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ranking/run_rows.h"
#include "core/stats/bootstrap.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// A donor counts as a replicate of a perturbation with this many cells, and donors are the replicates from so many
/// donors on (beyond 3).
inline constexpr std::int32_t kCellsPerDonor = 10;
inline constexpr std::int32_t kDonorsForReplicates = 3;

/// Which donor each cell of a run comes from.
struct DonorLayout {
  std::vector<std::string> names;
  std::vector<std::int32_t> of_cell;  ///< index into `names`, -1 = not known

  explicit DonorLayout(const std::vector<EffectCell>& cells);
  [[nodiscard]] std::int64_t num_donors() const noexcept { return static_cast<std::int64_t>(names.size()); }
};

/// Mean of an outcome per perturbation and donor.
struct DonorMeans {
  std::int64_t num_donors = 0;
  std::vector<double> means;         ///< row-major [perturbations, donors], NaN without cells
  std::vector<std::int32_t> counts;  ///< [perturbations, donors] cells

  [[nodiscard]] double mean(std::int32_t perturbation, std::int64_t donor) const noexcept {
    return means[static_cast<std::size_t>(perturbation * num_donors + donor)];
  }
  [[nodiscard]] std::int32_t count(std::int32_t perturbation, std::int64_t donor) const noexcept {
    return counts[static_cast<std::size_t>(perturbation * num_donors + donor)];
  }
  /// Donors that count as replicates of the perturbation; empty where cells are the replicates.
  [[nodiscard]] std::vector<std::int64_t> replicates(std::int32_t perturbation) const;
};

/// Values that are NaN are left out.
[[nodiscard]] DonorMeans donor_means(const RunRows& rows, const std::vector<float>& gathered,
                                     const DonorLayout& donors);

/// One outcome (impact, shift to a state, progress) of one perturbation over the cells of a run (beyond 3).
struct OutcomeSummary {
  double effect;  ///< mean of donor means, or mean over cells
  double ci_low;  ///< 95 %: t-interval over donors, or percentile bootstrap over cells
  double ci_high;
  double se;               ///< over donors or over cells; NaN for one
  std::int64_t num_cells;  ///< that enter the effect
  bool by_donor;           ///< donors are the replicates
};

/// Summaries of all perturbations, in order; NaN where a perturbation has no rows. Values that are NaN are left out.
/// `bootstrap` may be null: then the intervals over cells are left out. Equal for any number of threads.
[[nodiscard]] std::vector<OutcomeSummary> summarise_outcome(const RunRows& rows, const std::vector<float>& gathered,
                                                            const DonorMeans& means, const CellBootstrap* bootstrap,
                                                            int num_threads);

/// Only the effects: mean of donor means or over cells, with the replicates of `means`. NaN values are left out.
[[nodiscard]] std::vector<double> effects_of(const RunRows& rows, const std::vector<float>& gathered,
                                             const DonorMeans& replicates, const DonorLayout& donors);

}  // namespace cw
