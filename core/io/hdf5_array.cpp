// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_array.h"

#include "core/data/column.h"
#include "core/io/hdf5_text.h"

#include <hdf5.h>

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

// Compression of constant data reaches about 1000 (gzip) to 10,000 (zstd); what claims more is damaged.
constexpr std::uint64_t kHarmlessBytes = std::uint64_t{64} << 20U;
constexpr std::uint64_t kLargestRatio = 20000;

bool is_h5py_boolean(std::int64_t type) {
  if (H5Tget_nmembers(type) != 2 || H5Tget_size(type) != 1) return false;
  char* name = H5Tget_member_name(type, 0);
  const std::string first = name == nullptr ? "" : name;
  H5free_memory(name);
  return first == "FALSE" || first == "TRUE";
}

Error not_readable(const H5Node& dataset, const std::string& what) {
  return {ErrorCode::kParse, "E-H5-004", dataset.file() + ": '" + dataset.path() + "' " + what};
}

}  // namespace

ElementClass element_class(std::int64_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return ElementClass::kInteger;
    case H5T_FLOAT:
      return ElementClass::kReal;
    case H5T_BITFIELD:
      return H5Tget_size(type) == 1 ? ElementClass::kBoolean : ElementClass::kOther;
    case H5T_ENUM:
      return is_h5py_boolean(type) ? ElementClass::kBoolean : ElementClass::kEnum;
    case H5T_STRING:
      return ElementClass::kText;
    case H5T_REFERENCE:
      return ElementClass::kReference;
    case H5T_COMPOUND:
      return ElementClass::kCompound;
    default:
      return ElementClass::kOther;
  }
}

std::string dtype_name(std::int64_t type) {
  const std::string bits = std::to_string(H5Tget_size(type) * 8);
  switch (element_class(type)) {
    case ElementClass::kInteger:
      return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + bits;
    case ElementClass::kReal:
      return "float" + bits;
    case ElementClass::kBoolean:
      return "bool";
    case ElementClass::kEnum:
      return "enum";
    case ElementClass::kText:
      return "text";
    case ElementClass::kReference:
      return "reference";
    case ElementClass::kCompound:
      return "compound";
    case ElementClass::kOther:
      break;
  }
  return "unknown";
}

Result<ArrayShape> describe_array(const H5Node& dataset) {
  if (!dataset.is_dataset()) return not_readable(dataset, "is a group where an array is expected");
  const H5Handle type(H5Dget_type(dataset.id()));
  const H5Handle space(H5Dget_space(dataset.id()));
  if (!type.valid() || !space.valid()) return not_readable(dataset, "is damaged: its type or size cannot be read");
  if (H5Sget_simple_extent_type(space.id()) == H5S_NULL) return not_readable(dataset, "is empty");
  ArrayShape shape;
  shape.elements = element_class(type.id());
  shape.dtype = dtype_name(type.id());
  std::vector<hsize_t> dims(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space.id()))));
  H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr);
  std::uint64_t bytes = H5Tget_size(type.id());
  bool impossible = false;
  for (const hsize_t extent : dims) {
    impossible = impossible || __builtin_mul_overflow(bytes, extent, &bytes);
    shape.dims.push_back(static_cast<std::int64_t>(extent));
  }
  const std::uint64_t stored = H5Dget_storage_size(dataset.id());
  if (impossible || (bytes > kHarmlessBytes && bytes / kLargestRatio > stored)) {
    return Error{ErrorCode::kParse, "E-H5-008",
                 dataset.file() + ": '" + dataset.path() + "' claims " + std::to_string(bytes) + " bytes but stores " +
                     std::to_string(stored) + "; the file is damaged or was never filled"};
  }
  return shape;
}

Result<std::vector<std::string>> read_texts(const H5Node& dataset) {
  CW_ASSIGN(const ArrayShape shape, describe_array(dataset));
  if (shape.is_number() || shape.elements == ElementClass::kEnum) {
    Column column;
    if (shape.elements == ElementClass::kReal) {
      CW_ASSIGN(column.reals, read_numbers<double>(dataset));
      column.kind = ColumnKind::kReal;
    } else if (shape.elements == ElementClass::kBoolean) {
      CW_ASSIGN(column.booleans, read_numbers<std::uint8_t>(dataset));
      column.kind = ColumnKind::kBoolean;
    } else {
      CW_ASSIGN(column.integers, read_numbers<std::int64_t>(dataset));
      column.kind = ColumnKind::kInteger;
    }
    std::vector<std::string> texts;
    for (std::int64_t row = 0; row < column.size(); ++row) texts.push_back(column.text(row));
    return texts;
  }
  if (shape.elements != ElementClass::kText) {
    return not_readable(dataset, "holds " + shape.dtype + " values where text is expected");
  }
  const auto count = std::accumulate(shape.dims.begin(), shape.dims.end(), std::int64_t{1}, std::multiplies<>());
  if (count == 0) return std::vector<std::string>{};
  const H5Handle type(H5Dget_type(dataset.id()));
  const H5Handle space(H5Dget_space(dataset.id()));
  if (H5Tis_variable_str(type.id()) > 0) {
    CW_ASSIGN(auto stored,
              read_stored_texts(dataset, static_cast<std::size_t>(count), {stored_text_bytes(dataset), 0}));
    if (stored) return std::move(*stored);
  }
  auto texts = read_text_elements(type.id(), space.id(), static_cast<std::size_t>(count),
                                  [&](std::int64_t memory_type, void* buffer) {
                                    return H5Dread(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
                                  });
  if (!texts) {
    return Error{ErrorCode::kParse, "E-H5-005",
                 dataset.file() + ": the texts of '" + dataset.path() + "' cannot be read (" + h5_last_message() +
                     "); the file is damaged, copy or download it again"};
  }
  return std::move(*texts);
}

Result<EnumNames> read_enum_names(const H5Node& dataset) {
  const H5Handle type(H5Dget_type(dataset.id()));
  if (!type.valid() || H5Tget_class(type.id()) != H5T_ENUM) return not_readable(dataset, "is no enumeration");
  EnumNames result;
  const H5Handle base(H5Tget_super(type.id()));
  const int count = H5Tget_nmembers(type.id());
  for (int i = 0; i < count; ++i) {
    char* name = H5Tget_member_name(type.id(), static_cast<unsigned>(i));
    std::int64_t value = 0;
    if (name == nullptr || H5Tget_size(type.id()) > sizeof(value) ||
        H5Tget_member_value(type.id(), static_cast<unsigned>(i), &value) < 0 ||
        H5Tconvert(base.id(), H5T_NATIVE_INT64, 1, &value, nullptr, H5P_DEFAULT) < 0) {
      H5free_memory(name);
      return not_readable(dataset, "is an enumeration whose names cannot be read");
    }
    result.values.push_back(value);
    result.names.emplace_back(name);
    H5free_memory(name);
  }
  return result;
}

}  // namespace cw
