// SPDX-License-Identifier: GPL-3.0-or-later
// Sums of numbers of any width that processes exchange, shared by the transports.
#pragma once
#include "core/exchange/bfloat16.h"
#include "core/exchange/transport.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

namespace cw {

/// What numbers of one kind are added up as.
template <class T>
using WideOf = std::conditional_t<std::is_same_v<T, Bf16>, float, T>;

template <class T>
WideOf<T> widened(T value) noexcept {
  if constexpr (std::is_same_v<T, Bf16>) {
    return to_float(value);
  } else {
    return value;
  }
}

/// Calls `work` with a number of the kind that has this width.
template <class Work>
void for_width(std::size_t width, Work&& work) {
  if (width == sizeof(Bf16)) {
    work(Bf16{});
  } else if (width == sizeof(float)) {
    work(float{});
  } else {
    work(double{});
  }
}

/// The sum of `terms` [count each], in their order, block by block: `give(sum, first, n)` gets each block of sums.
template <class T, class Give>
void sum_in_blocks(const std::vector<const std::byte*>& terms, std::size_t count, Give&& give) {
  constexpr std::size_t kBlock = 1024;
  using Wide = WideOf<T>;
  std::array<Wide, kBlock> sum;
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t n = std::min(kBlock, count - first);
    const T* term = reinterpret_cast<const T*>(terms[0]) + first;
    for (std::size_t i = 0; i < n; ++i) sum[i] = widened(term[i]);
    for (std::size_t k = 1; k < terms.size(); ++k) {
      term = reinterpret_cast<const T*>(terms[k]) + first;
      for (std::size_t i = 0; i < n; ++i) sum[i] += widened(term[i]);
    }
    if constexpr (std::is_same_v<Wide, T>) {
      give(sum.data(), first, n);
    } else {  // rounded once, here
      std::array<T, kBlock> rounded;
      round_to(std::span(sum).first(n), rounded);
      give(rounded.data(), first, n);
    }
  }
}

/// Writes the sum of `terms` [count each] of this width, added in their order, to all `targets`, which may be terms.
inline void sum_to(const std::vector<const std::byte*>& terms, const std::vector<std::byte*>& targets,
                   std::size_t count, std::size_t width) {
  for_width(width, [&](auto kind) {
    using T = decltype(kind);
    sum_in_blocks<T>(terms, count, [&](const T* sum, std::size_t first, std::size_t n) {
      for (std::byte* target : targets) std::copy_n(sum, n, reinterpret_cast<T*>(target) + first);
    });
  });
}

}  // namespace cw
