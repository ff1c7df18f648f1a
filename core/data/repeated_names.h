// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace cw {

/// Names that occur more than once in a list.
struct RepeatedNames {
  std::int64_t count = 0;  ///< entries beyond the first of the same name
  std::string first;       ///< the first name that comes again

  [[nodiscard]] bool any() const noexcept { return count > 0; }
};

/// 16 bytes of memory per name, whatever their length.
[[nodiscard]] RepeatedNames repeated_names(std::span<const std::string> names);

/// Reason and remedy for `names` of cells that several cells share, or "" if all are different.
[[nodiscard]] std::string shared_cell_names_text(std::span<const std::string> names);

}  // namespace cw
