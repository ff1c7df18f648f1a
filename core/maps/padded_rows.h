// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// A copy of a matrix whose rows are filled up with zeros to whole vectors, as the distance kernels want them.
class PaddedRows {
 public:
  /// Row `i` is row `order[i]` of `rows`, or row `i` if `order` is empty; scaled to unit length if `unit_length`.
  PaddedRows(MatrixView rows, bool unit_length, std::span<const std::int32_t> order, int num_threads);

  [[nodiscard]] std::int64_t num_rows() const noexcept { return num_rows_; }
  [[nodiscard]] std::int64_t width() const noexcept { return width_; }
  [[nodiscard]] const float* row(std::int64_t i) const noexcept { return values_.data() + i * width_; }

 private:
  std::int64_t num_rows_;
  std::int64_t width_;
  std::vector<float> values_;
};

}  // namespace cw
