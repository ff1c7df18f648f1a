// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/io/hdf5_node.h"
#include "core/io/hdf5_rows.h"
#include "core/io/scalar_kind.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// What a dataset holds, as the columns of tables and the elements of matrices see it.
enum class ElementClass { kInteger, kReal, kBoolean, kEnum, kText, kReference, kCompound, kOther };

struct ArrayShape {
  ElementClass elements = ElementClass::kOther;
  std::string dtype;               ///< "int32", "float16", "bool", "text", "compound", ...
  std::vector<std::int64_t> dims;  ///< empty for a single value
  [[nodiscard]] std::int64_t num_rows() const noexcept { return dims.empty() ? 1 : dims[0]; }
  [[nodiscard]] bool is_number() const noexcept {
    return elements == ElementClass::kInteger || elements == ElementClass::kReal || elements == ElementClass::kBoolean;
  }
};

/// Type and dimensions of a dataset. Errors: kParse E-H5-004 (not a dataset, or nothing in it), E-H5-008 (claims far
/// more data than is stored: damage, and allocating it would exhaust the memory).
[[nodiscard]] Result<ArrayShape> describe_array(const H5Node& dataset);

/// Class of an HDF5 type, and its name as in ArrayShape::dtype.
[[nodiscard]] ElementClass element_class(std::int64_t type);
[[nodiscard]] std::string dtype_name(std::int64_t type);

/// All numbers of a dataset of any shape, row-major. Errors: as `describe_array` and `H5RowReader`.
template <class T>
[[nodiscard]] Result<std::vector<T>> read_numbers(const H5Node& dataset) {
  CW_TRY(describe_array(dataset));
  CW_ASSIGN(H5RowReader reader, H5RowReader::open(dataset));
  CW_ASSIGN(const std::byte* bytes, reader.rows(0, reader.num_rows()));
  const auto count = static_cast<std::size_t>(reader.num_rows() * reader.num_columns());
  std::vector<T> values(count);
  convert_scalars(reader.kind(), bytes, count, values.data());
  return values;
}

/// All texts of a dataset; numbers and booleans are spelled out. Errors: kParse E-H5-004, E-H5-005.
[[nodiscard]] Result<std::vector<std::string>> read_texts(const H5Node& dataset);

/// The names of the values of an enumeration, in the order of their numbers. Errors: kParse E-H5-004.
struct EnumNames {
  std::vector<std::int64_t> values;
  std::vector<std::string> names;
};
[[nodiscard]] Result<EnumNames> read_enum_names(const H5Node& dataset);

}  // namespace cw
