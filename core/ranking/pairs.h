// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ranking/run_rows.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// A perturbation of two genes and those of each gene alone, by index; values of the cells in which all three were run,
/// in the same order.
struct PairEffects {
  std::int32_t both = -1;
  std::int32_t first = -1;   ///< the anchor, in an anchor run
  std::int32_t second = -1;  ///< the other gene
  std::vector<double> both_values;
  std::vector<double> first_values;
  std::vector<double> second_values;
};

/// All pairs of a run whose two single perturbations are there too. `gathered` is an array in gathered order.
[[nodiscard]] std::vector<PairEffects> pairs_of(const Effects& run, const RunRows& rows,
                                                const std::vector<float>& gathered);

/// Why `--test pairs` finds fewer pairs than it needs: the run has none, or its pairs have no cell in which they and
/// both of their genes alone were run. `usable` of them have.
[[nodiscard]] std::string too_few_pairs_text(const Effects& run, std::int64_t usable);

}  // namespace cw
