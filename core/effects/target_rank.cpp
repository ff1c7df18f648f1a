// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/target_rank.h"

#include <cmath>

namespace cw {

std::int64_t quartile_target(std::int64_t position, std::int64_t num_genes, std::int64_t num_moved,
                             int quartiles) noexcept {
  int quartile = 4;
  while (quartile > 1 && position < (quartile - 1) * num_genes / 4) --quartile;
  quartile += quartiles;
  if (quartile > 4) return num_genes - 1;
  if (quartile < 1) return 0;
  const std::int64_t num_left = num_genes - num_moved;
  return ((quartile - 1) * num_left / 4 + quartile * num_left / 4 - 1) / 2;
}

std::int64_t relative_target(double share, std::int64_t num_genes) noexcept {
  return std::llround(share * static_cast<double>(num_genes - 1));
}

}  // namespace cw
