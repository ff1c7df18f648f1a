// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw {

/// Counts of a 2 × 2 table: rows "in the list / not", columns "in the set / not".
struct TwoByTwo {
  std::int64_t both;
  std::int64_t list_only;
  std::int64_t set_only;
  std::int64_t neither;
};

/// Probability of at least `both` genes of the set in the list, given the margins (hypergeometric upper tail, Fisher's
/// one-sided exact test "greater").
[[nodiscard]] double hypergeometric_upper_tail(const TwoByTwo& table);

/// Fisher's two-sided exact test: the sum of all tables that are no more probable (scipy.stats.fisher_exact).
[[nodiscard]] double fisher_two_sided_p(const TwoByTwo& table);

}  // namespace cw
