// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/device.h"
#include "plugins/cuda/kernels/dropout.h"

namespace cw::cuda {

/// Which elements of one row survive, and by how much they grow. The hashes are those of core/train.
struct KeptElements {
  std::uint32_t threshold, row_key, spread;
  float growth;

  KeptElements() = default;
  CW_DEVICE KeptElements(std::uint64_t key, const Dropout& dropout, std::int64_t row)
      : threshold(dropout.threshold), row_key(0), spread(0), growth(dropout.growth) {
    if (threshold == 0) return;
    std::uint64_t h = key ^ (static_cast<std::uint64_t>(row) * 0x9e3779b97f4a7c15ULL);
    h = (h ^ (h >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ (h >> 27U)) * 0x94d049bb133111ebULL;
    h ^= h >> 31U;
    row_key = static_cast<std::uint32_t>(h);
    spread = static_cast<std::uint32_t>(h >> 32U) | 1U;
  }
  CW_DEVICE KeptElements(const Dropout& dropout, std::int64_t row)
      : KeptElements(dropout.key, dropout, dropout.first_row + row) {}

  /// 0, or what the element is multiplied by.
  CW_DEVICE float factor(int element) const {
    if (threshold == 0) return 1.0F;
    std::uint32_t x = static_cast<std::uint32_t>(element) * spread + row_key;
    x ^= x >> 16U;
    x *= 0x7feb352dU;
    x ^= x >> 15U;
    x *= 0x846ca68bU;
    x ^= x >> 16U;
    return x < threshold ? 0.0F : growth;
  }
};

/// The key for the attention weights of one head of the cell that begins at row `first` of the batch: rows are its
/// queries, elements its keys.
CW_DEVICE std::uint64_t attention_key(const Dropout& dropout, std::int64_t first, int heads, int head) {
  return dropout.key ^ (static_cast<std::uint64_t>((dropout.first_row + first) * heads + head) * 0xd1342543de82ef95ULL);
}

}  // namespace cw::cuda
