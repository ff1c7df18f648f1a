// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"
#include "plugins/cuda/device.h"
#include "plugins/cuda/emulation/run_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

namespace cw::cuda {

/// Numbers between -1 and 1 that depend on `seed` alone.
inline std::vector<float> random_floats(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  std::uint64_t state = seed;
  for (float& value : values) {
    state = scramble(state + 0x9e3779b97f4a7c15ULL);
    value = static_cast<float>(static_cast<double>(state >> 11U) * 0x1.0p-52 - 1.0);
  }
  return values;
}

inline std::vector<BFloat16> rounded(std::span<const float> values) {
  std::vector<BFloat16> result;
  for (const float value : values) result.push_back(from_float<BFloat16>(value));
  return result;
}

inline std::vector<float> widened(std::span<const BFloat16> values) {
  std::vector<float> result;
  for (const BFloat16 value : values) result.push_back(to_float(value));
  return result;
}

/// Infinite where a number is missing or the sizes differ.
inline float largest_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return std::numeric_limits<float>::infinity();
  float largest = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    largest = std::isnan(difference) ? std::numeric_limits<float>::infinity() : std::max(largest, difference);
  }
  return largest;
}

/// What the kernel leaves in `out` (at first full of NaN), which the arguments point to. The threads of a block run in
/// three orders; bits that depend on the order mean that a barrier is missing.
template <class Arguments, class T>
void run_in_every_order(void (*kernel)(Arguments), const emulated::LaunchShape& shape, const Arguments& arguments,
                        std::vector<T>& out) {
  std::vector<T> first;
  for (const auto order :
       {emulated::ThreadOrder::kForward, emulated::ThreadOrder::kReverse, emulated::ThreadOrder::kShuffled}) {
    std::memset(out.data(), 0xff, out.size() * sizeof(T));
    emulated::run_kernel(kernel, shape, arguments, order);
    if (first.empty()) first = out;
    ASSERT_EQ(std::memcmp(first.data(), out.data(), out.size() * sizeof(T)), 0) << "depends on the order of threads";
  }
}

}  // namespace cw::cuda
