// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/median_sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw {
namespace {

constexpr std::size_t kExactValues = 1024;
constexpr double kBinsPerDoubling = 256.0;

std::int64_t bin_of(double value) { return static_cast<std::int64_t>(std::floor(std::log2(value) * kBinsPerDoubling)); }

}  // namespace

void MedianSketch::add(double value) {
  ++count_;
  if (bins_.empty()) {
    values_.push_back(static_cast<float>(value));
    if (values_.size() > kExactValues) spill();
    return;
  }
  add_to_bin(bin_of(value), 1);
}

void MedianSketch::spill() {
  const auto [least, most] = std::minmax_element(values_.begin(), values_.end());
  first_bin_ = bin_of(static_cast<double>(*least));
  bins_.assign(static_cast<std::size_t>(bin_of(static_cast<double>(*most)) - first_bin_) + 1, 0);
  for (const float value : values_) add_to_bin(bin_of(static_cast<double>(value)), 1);
  values_ = {};
}

void MedianSketch::add_to_bin(std::int64_t bin, std::uint32_t times) {
  if (bin < first_bin_) {
    bins_.insert(bins_.begin(), static_cast<std::size_t>(first_bin_ - bin), 0);
    first_bin_ = bin;
  }
  const auto place = static_cast<std::size_t>(bin - first_bin_);
  if (place >= bins_.size()) bins_.resize(place + 1, 0);
  bins_[place] += times;
}

void MedianSketch::merge(const MedianSketch& other) {
  if (!other.bins_.empty() && bins_.empty() && !values_.empty()) spill();
  if (!other.bins_.empty()) {
    if (bins_.empty()) first_bin_ = other.first_bin_;
    for (std::size_t i = 0; i < other.bins_.size(); ++i) {
      if (other.bins_[i] > 0) add_to_bin(other.first_bin_ + static_cast<std::int64_t>(i), other.bins_[i]);
    }
    count_ += other.count_;
    return;
  }
  for (const float value : other.values_) add(static_cast<double>(value));
}

double MedianSketch::binned_value(std::int64_t rank) const {
  std::int64_t left = rank;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const std::int64_t in_bin = bins_[i];
    if (left < in_bin) {
      const double within = (static_cast<double>(left) + 0.5) / static_cast<double>(in_bin);
      return std::exp2((static_cast<double>(first_bin_ + static_cast<std::int64_t>(i)) + within) / kBinsPerDoubling);
    }
    left -= in_bin;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double MedianSketch::median() const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  const std::int64_t low = (count_ - 1) / 2;
  const std::int64_t high = count_ / 2;
  if (!bins_.empty()) return 0.5 * (binned_value(low) + binned_value(high));
  auto sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  return 0.5 * (static_cast<double>(sorted[static_cast<std::size_t>(low)]) +
                static_cast<double>(sorted[static_cast<std::size_t>(high)]));
}

}  // namespace cw
