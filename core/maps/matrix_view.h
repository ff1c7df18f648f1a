// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>

namespace cw {

/// A dense row-major float matrix that somebody else owns: one row per cell.
struct MatrixView {
  const float* data = nullptr;
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;

  [[nodiscard]] std::span<const float> row(std::int64_t i) const noexcept {
    return {data + i * num_columns, static_cast<std::size_t>(num_columns)};
  }
};

/// A sparse matrix in compressed rows that somebody else owns: one row per cell. Columns of a row in any order,
/// none twice.
struct SparseView {
  std::span<const std::uint64_t> offsets;  ///< [num_rows + 1]
  std::span<const std::uint32_t> columns;
  std::span<const float> values;
  std::int64_t num_columns = 0;

  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(offsets.size()) - 1; }
};

}  // namespace cw
