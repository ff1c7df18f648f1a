// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/column.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// A table of cells or genes: an index of names (not necessarily unique) and columns of equal length.
struct Table {
  std::string index_name;
  std::vector<std::string> index;
  std::vector<Column> columns;

  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(index.size()); }
  /// nullptr where there is none.
  [[nodiscard]] const Column* find(std::string_view name) const noexcept;
  /// Errors: kNotFound, naming the columns that exist.
  [[nodiscard]] Result<const Column*> require(std::string_view name) const;
  [[nodiscard]] Table take(std::span<const std::int64_t> rows) const;
  /// Replaces the column of the same name, or appends.
  void set(Column column);
};

}  // namespace cw
