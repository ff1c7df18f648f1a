// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

namespace cw {

/// The median of any number of positive values in bounded memory: exact up to 1,024 values, afterwards interpolated in
/// a histogram over the logarithm with 256 bins per factor of two (about 12 KB for the values of a gene). The value is
/// then at most 0.28 % off, the width of a bin, however the values are spread; its rank is off by less than the share
/// of all values that lie in that bin, and by less than 1e-4 of the count where they are spread evenly within it.
/// Independent of the order of the values and of how they were divided; sketches of parts are merged without loss.
///
/// Source   behaviour spec 2.8 (the published code uses a t-digest, whose error depends on the order).
class MedianSketch {
 public:
  /// `value` > 0 and finite.
  void add(double value);
  void merge(const MedianSketch& other);
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  /// Mean of the two middle values for an even number of them; NaN for none.
  [[nodiscard]] double median() const;

 private:
  void spill();
  void add_to_bin(std::int64_t bin, std::uint32_t times);
  [[nodiscard]] double binned_value(std::int64_t rank) const;

  std::int64_t count_ = 0;
  std::vector<float> values_;        ///< while there are few
  std::vector<std::uint32_t> bins_;  ///< afterwards
  std::int64_t first_bin_ = 0;       ///< of `bins_[0]`
};

}  // namespace cw
