// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/perturb/variant_forward.h"

#include <cstdint>
#include <map>

namespace cw {

/// Cells as they are, computed once and kept from preview to preview of one model and one set of cells. Keeps up to a
/// limit of memory and takes no more beyond it.
class OriginalCache {
 public:
  explicit OriginalCache(std::int64_t most_bytes) : most_bytes_(most_bytes) {}

  /// Before each use: forgets everything if another layer or other rows are read now, or if the memory is used up.
  void prepare(const ReadOut& read_out);
  /// The cell in this row of the data, or nullptr. Stays where it is until the next `prepare`.
  [[nodiscard]] OriginalCell* find(std::int64_t row);
  /// True if there is room for another cell.
  [[nodiscard]] bool has_room() const noexcept { return bytes_ < most_bytes_; }
  OriginalCell* add(std::int64_t row, OriginalCell cell);

 private:
  std::int64_t most_bytes_;
  std::int64_t bytes_ = 0;
  ReadOut read_out_;
  std::map<std::int64_t, OriginalCell> cells_;
};

}  // namespace cw
