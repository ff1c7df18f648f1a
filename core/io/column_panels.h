// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace cw {

/// A matrix that is stored gene by gene and can be read from front to back as often as needed.
class ColumnSource {
 public:
  /// Values of one gene, or of a part of it: `cells[i]` (checked to be in range) has `values[i]`.
  using Visit =
      std::function<void(std::uint32_t gene, std::span<const std::uint32_t> cells, std::span<const float> values)>;

  virtual ~ColumnSource() = default;
  [[nodiscard]] virtual std::int64_t num_cells() const = 0;
  /// One pass over all values, genes ascending. Errors: those of the file.
  virtual Result<> visit(const Visit& visit) = 0;
};

/// Turns a matrix that is stored by gene into blocks of cells, in bounded memory: a first pass counts the values of
/// every cell, then each panel of consecutive cells whose values fit into `panel_bytes` is collected in one pass.
/// Memory    panel_bytes + 4 bytes per cell. Cost: 1 + (bytes of all values / panel_bytes) passes.
[[nodiscard]] std::unique_ptr<CellBlockReader> read_by_panels(std::unique_ptr<ColumnSource> source,
                                                              std::size_t panel_bytes = std::size_t{256} << 20U);

}  // namespace cw
