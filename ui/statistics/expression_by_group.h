// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cw::ui {

/// Mean expression of one gene in one group, and how sure it is.
struct GroupExpression {
  double mean = 0.0;  ///< of donor means where `by_donors`, else over cells; NaN without cells
  double low = 0.0;   ///< 95 % interval of the mean (Student's t); NaN with fewer than two replicates
  double high = 0.0;
  double detected = 0.0;  ///< share of cells with a count
  std::int64_t cells = 0;
  std::int64_t donors = 0;  ///< with cells in the group; 0 where donors are not known
  bool by_donors = false;
};

/// `values` in the cells of `mask`. Donors are the replicates where at least two of them have cells there: cells of one
/// donor are not independent. `donors` may be null.
[[nodiscard]] GroupExpression expression_in(std::span<const float> values, const std::vector<std::uint8_t>& mask,
                                            const Column* donors);

}  // namespace cw::ui
