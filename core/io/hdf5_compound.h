// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/io/hdf5_array.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// One member of a compound (record) dataset, as anndata 0.5 and 0.6 wrote tables.
struct MemberShape {
  std::string name;
  ElementClass elements = ElementClass::kOther;
  std::int64_t width = 1;  ///< values per row: more than one for array members
};

/// Members in the order of the file; empty for datasets of another type.
[[nodiscard]] std::vector<MemberShape> describe_members(const H5Node& dataset);

/// All values of one member, row-major [rows, width]. T is double, std::int64_t or std::string.
/// Errors: kParse E-H5-004 (another type), E-H5-005 (unreadable).
template <class T>
[[nodiscard]] Result<std::vector<T>> read_member(const H5Node& dataset, const MemberShape& member);

}  // namespace cw
