// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/maps/padded_rows.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// One random projection tree, of which only the leaves are kept: groups of rows that lie near each other.
struct ProjectionTree {
  std::vector<std::int32_t> order;     ///< all rows, leaf by leaf
  std::vector<std::int64_t> leaf_end;  ///< where each leaf ends in `order`

  [[nodiscard]] std::int64_t num_leaves() const noexcept { return static_cast<std::int64_t>(leaf_end.size()); }
  [[nodiscard]] std::span<const std::int32_t> leaf(std::int64_t i) const noexcept {
    const std::int64_t begin = i == 0 ? 0 : leaf_end[static_cast<std::size_t>(i - 1)];
    return {order.data() + begin, static_cast<std::size_t>(leaf_end[static_cast<std::size_t>(i)] - begin)};
  }
};

/// Halves the rows again and again at the median of their projection on the line through two random rows, until at most
/// `leaf_size` are together; so leaves hold more than a third of it (Dasgupta and Freund 2008,
/// doi:10.1145/1374376.1374452). Equal for equal `seed` and `tree`.
[[nodiscard]] ProjectionTree projection_tree(const PaddedRows& rows, std::int64_t leaf_size, std::uint64_t seed,
                                             std::uint64_t tree);

}  // namespace cw
