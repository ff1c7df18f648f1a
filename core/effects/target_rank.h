// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw {

/// Index at which a gene ends that stood at `position` of `num_genes` and is moved by `quartiles` quartiles, down where
/// positive (inhibit), up where negative (activate). The gene's own quartile is that of its position in the whole list;
/// the middle of the target quartile is taken in the list without the `num_moved` genes that are moved together; beyond
/// either end of the list is that end (spec/beyond 2).
[[nodiscard]] std::int64_t quartile_target(std::int64_t position, std::int64_t num_genes, std::int64_t num_moved,
                                           int quartiles) noexcept;

/// Index of relative rank `share` in a list of `num_genes`: 0 = front, 1 = end.
[[nodiscard]] std::int64_t relative_target(double share, std::int64_t num_genes) noexcept;

}  // namespace cw
