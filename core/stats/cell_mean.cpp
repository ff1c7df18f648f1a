// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/cell_mean.h"

#include "core/stats/descriptive.h"

namespace cw {

Strength::Strength(std::vector<double> others, bool one_sided) : one_sided_(one_sided) {
  const double spread = mad_sd_in_place(others, middle_);
  squared_spread_ = spread * spread;
}

double Strength::of(const CellMean& mean) const noexcept {
  const double uncertainty = std::sqrt(squared_spread_ + mean.squared_error());
  const double excess = mean.mean() - middle_;
  if (!(uncertainty > 0.0)) return 0.0;
  return (one_sided_ ? excess : std::abs(excess)) / uncertainty;
}

}  // namespace cw
