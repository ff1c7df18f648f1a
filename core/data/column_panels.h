// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace cw {

/// A matrix that is not stored cell by cell, and can be read from front to back as often as needed.
class ColumnSource {
 public:
  /// Values of one gene, or of a part of it: `cells[i]` (checked to be in range) has `values[i]`.
  using Visit =
      std::function<void(std::uint32_t gene, std::span<const std::uint32_t> cells, std::span<const float> values)>;

  virtual ~ColumnSource() = default;
  [[nodiscard]] virtual std::int64_t num_cells() const = 0;
  /// One pass over all values, usually genes ascending. Errors: those of the file.
  virtual Result<> visit(const Visit& visit) = 0;
  /// The same for at least the values of the first `count` cells, where that takes less than a pass.
  virtual Result<> visit_first(std::int64_t count, const Visit& visit);
};

/// Turns such a matrix into blocks of cells, in bounded memory and a bounded number of passes. A first pass counts the
/// values of every cell and so divides the cells into panels whose values fit into `panel_bytes`; a second one collects
/// the only panel, or sorts all values into the panels, in a nameless file in the temporary folder (12 bytes per
/// value), from where each is collected by itself. The first cells of a file are collected without either.
/// Memory    panel_bytes + 64 MiB + 4 bytes per cell.
/// Errors    those of the source, kIo and kNoSpace of the temporary folder (TMPDIR).
[[nodiscard]] std::unique_ptr<CellBlockReader> read_by_panels(std::unique_ptr<ColumnSource> source,
                                                              std::size_t panel_bytes = std::size_t{128} << 20U);

}  // namespace cw
