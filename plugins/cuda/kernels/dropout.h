// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace cw::cuda {

/// Which elements a dropout layer keeps: the same that the kernels of the CPU keep for an equal key. Row `first_row` +
/// r of the layer is row r here. All zeros: nothing is dropped.
struct Dropout {
  std::uint64_t key;
  std::int64_t first_row;
  std::uint32_t threshold;  ///< an element whose hash is below it is dropped
  float growth;             ///< of the others
};

[[nodiscard]] constexpr Dropout dropout_of(std::uint64_t key, float probability, std::int64_t first_row) {
  if (probability <= 0.0F) return {};
  return {key, first_row, static_cast<std::uint32_t>(static_cast<double>(probability) * 4294967296.0),
          1.0F / (1.0F - probability)};
}

}  // namespace cw::cuda
