// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/maps/matrix_view.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Columns brought to mean 0 and standard deviation 1 over the training rows; constant ones are only centred.
class FeatureScaling {
 public:
  FeatureScaling(MatrixView features, std::span<const std::int64_t> train);

  /// The rows asked for, row-major [rows, columns].
  [[nodiscard]] std::vector<double> apply(MatrixView features, std::span<const std::int64_t> rows) const;

 private:
  std::vector<double> mean_, factor_;
};

}  // namespace cw
