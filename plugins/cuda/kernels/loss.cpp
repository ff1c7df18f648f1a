// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/kernels/loss.h"

#include <algorithm>
#include <numeric>

namespace cw::cuda {

RowsById rows_by_id(std::span<const std::int32_t> looked_up, std::int32_t ignored) {
  RowsById found;
  for (std::size_t row = 0; row < looked_up.size(); ++row) {
    if (looked_up[row] != ignored) found.rows.push_back(static_cast<std::int32_t>(row));
  }
  const auto id_of = [&](std::int32_t row) { return looked_up[static_cast<std::size_t>(row)]; };
  std::stable_sort(found.rows.begin(), found.rows.end(),
                   [&](std::int32_t a, std::int32_t b) { return id_of(a) < id_of(b); });
  for (std::size_t k = 0; k < found.rows.size(); ++k) {
    if (k > 0 && id_of(found.rows[k]) == found.ids.back()) continue;
    found.ids.push_back(id_of(found.rows[k]));
    found.starts.push_back(static_cast<std::int32_t>(k));
  }
  found.starts.push_back(static_cast<std::int32_t>(found.rows.size()));
  return found;
}

}  // namespace cw::cuda
