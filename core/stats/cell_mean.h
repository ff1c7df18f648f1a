// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace cw {

/// A mean over fewer cells says little: such a gene is not compared, serves as no control and has no place in a ranking
/// (beyond 4).
inline constexpr std::int64_t kFewestCellsOfGene = 5;

/// A mean over cells that grows cell by cell.
struct CellMean {
  double sum = 0.0;
  double sum_of_squares = 0.0;
  std::int64_t n = 0;

  void add(double value) noexcept {
    sum += value;
    sum_of_squares += value * value;
    ++n;
  }
  /// 0 without cells.
  [[nodiscard]] double mean() const noexcept { return n > 0 ? sum / static_cast<double>(n) : 0.0; }
  /// Squared standard error of `mean`; 0 with fewer than two cells.
  [[nodiscard]] double squared_error() const noexcept {
    const auto count = static_cast<double>(n);
    return n > 1 ? std::max(0.0, sum_of_squares - sum * sum / count) / (count * (count - 1.0)) : 0.0;
  }
};

/// How far a mean over cells is from those of other genes, in units of its uncertainty: (mean - median of the others) /
/// sqrt(spread² + standard error²), the z of a ranked list without the matching of ranks. Among means of few cells the
/// largest is the noisiest; this one is not.
class Strength {
 public:
  /// `others`: means of comparable genes, at least one. `one_sided`: only above them is strong.
  Strength(std::vector<double> others, bool one_sided);

  [[nodiscard]] double of(const CellMean& mean) const noexcept;

 private:
  double middle_ = 0.0;
  double squared_spread_ = 0.0;
  bool one_sided_;
};

}  // namespace cw
