// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/column.h"
#include "core/io/hdf5_node.h"

#include <optional>
#include <string>

namespace cw {

/// What kind of column an element of a data frame group is, and how many categories it has (-1: no categorical),
/// without reading its rows; nullopt for encodings that are not known.
struct ColumnShape {
  ColumnKind kind = ColumnKind::kString;
  std::int64_t num_categories = -1;
};
[[nodiscard]] std::optional<ColumnShape> describe_column_element(const H5Node& frame, const H5Node& element,
                                                                 const std::string& name);

/// Reads one element of a data frame group, in any encoding of anndata 0.7 and later; also the index.
/// Errors: kParse E-H5-004, E-H5-005, E-H5-011 (unknown encoding), E-H5-013 (codes outside the categories).
[[nodiscard]] Result<Column> read_column_element(const H5Node& frame, const H5Node& element, const std::string& name);

/// Builds a categorical after checking every code. Errors: kParse E-H5-013.
[[nodiscard]] Result<Column> checked_categorical(const H5Node& element, const std::string& name,
                                                 std::vector<std::int64_t> codes, std::vector<std::string> categories);

}  // namespace cw
