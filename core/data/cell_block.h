// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// Consecutive cells of a count matrix in compressed rows. Genes of a row may be in any order; stored zeros are left
/// out by the readers. Reused from block to block, so that a pass over a file allocates nothing per cell.
struct CellBlock {
  std::int64_t first_cell = 0;
  std::vector<std::uint64_t> offsets{0};  ///< [cells + 1]
  std::vector<std::uint32_t> genes;       ///< row of the gene table
  std::vector<float> values;              ///< as stored (readers of wider types convert; counts up to 2^24 are exact)

  [[nodiscard]] std::int64_t num_cells() const noexcept { return static_cast<std::int64_t>(offsets.size()) - 1; }
  [[nodiscard]] std::span<const std::uint32_t> genes_of(std::int64_t row) const noexcept {
    const auto i = static_cast<std::size_t>(row);
    return {genes.data() + offsets[i], genes.data() + offsets[i + 1]};
  }
  [[nodiscard]] std::span<const float> values_of(std::int64_t row) const noexcept {
    const auto i = static_cast<std::size_t>(row);
    return {values.data() + offsets[i], values.data() + offsets[i + 1]};
  }
  void clear(std::int64_t first) {
    first_cell = first;
    offsets.assign(1, 0);
    genes.clear();
    values.clear();
  }
};

}  // namespace cw
