// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/maps/padded_rows.h"

#include "core/base/parallel.h"
#include "core/maps/simd.h"

#include <cmath>

namespace cw {

PaddedRows::PaddedRows(MatrixView rows, bool unit_length, std::span<const std::int32_t> order, int num_threads)
    : num_rows_(rows.num_rows),
      width_(simd::padded(rows.num_columns)),
      values_(static_cast<std::size_t>(num_rows_ * width_), 0.0F) {
  parallel_for(0, num_rows_, 1024, num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto source = rows.row(order.empty() ? i : order[static_cast<std::size_t>(i)]);
      double squares = 0.0;
      for (const float v : source) squares += static_cast<double>(v) * v;
      const double scale = unit_length && squares > 0.0 ? 1.0 / std::sqrt(squares) : 1.0;
      float* target = values_.data() + i * width_;
      for (std::size_t j = 0; j < source.size(); ++j) target[j] = static_cast<float>(source[j] * scale);
    }
  });
}

}  // namespace cw
