// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/splits.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Cells of each class in each group, for dealing whole groups.
struct GroupCounts {
  std::size_t num_classes = 0;
  std::vector<std::int32_t> groups;        ///< those that have cells, rising
  std::vector<double> cells;               ///< row-major [groups, classes]
  std::vector<double> class_totals;        ///< [classes]
  std::vector<std::int32_t> class_groups;  ///< [classes] groups that have the class
  std::size_t num_group_names = 0;         ///< of the design

  [[nodiscard]] std::size_t size() const noexcept { return groups.size(); }
  [[nodiscard]] const double* row(std::size_t group) const noexcept { return cells.data() + group * num_classes; }
};

[[nodiscard]] GroupCounts count_groups(const SplitDesign& design, std::span<const std::int64_t> cells);

/// How many groups a share is: at least one if the share is above 0. Halves to even.
[[nodiscard]] std::size_t groups_of_share(std::size_t num_groups, double share);

/// The part of every group name (kUnused for those without cells). Errors: kRefused E-EVA-005.
[[nodiscard]] Result<std::vector<Part>> deal_groups_to_parts(const GroupCounts& counts, const HoldoutOptions& options,
                                                             const SplitDesign& design);

/// The fold of every group name (-1 for those without cells). Errors: kRefused E-EVA-005.
[[nodiscard]] Result<std::vector<std::int32_t>> deal_groups_to_folds(const GroupCounts& counts, int num_folds,
                                                                     std::uint64_t seed, const SplitDesign& design);

}  // namespace cw
