// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw::ui {

/// Groups of a label column and how they are made up.
struct GroupComposition {
  std::vector<std::string> groups;
  std::vector<std::int64_t> cells;                 ///< [groups]
  std::vector<std::int64_t> selected;              ///< [groups] of the cells selected; empty without a selection
  std::vector<std::string> parts;                  ///< donors; empty without such a column
  std::vector<std::vector<std::int64_t>> by_part;  ///< [groups][parts]
  std::int64_t unlabelled = 0;

  /// Donors with at least one cell in the group.
  [[nodiscard]] std::int64_t parts_of(std::size_t group) const noexcept;
};

/// Counts the cells of every value of `labels` that occurs, over all and over the selected ones (`mask` may be empty),
/// and by the values of `parts` (may be null). Repeat: equal for equal arguments.
[[nodiscard]] GroupComposition compose_groups(const Column& labels, const Column* parts,
                                              const std::vector<std::uint8_t>& mask);
/// The same for the cells of a mask as the only group.
[[nodiscard]] GroupComposition compose_mask(const std::vector<std::uint8_t>& mask, const Column& parts);

}  // namespace cw::ui
