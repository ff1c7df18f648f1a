// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_compound.h"

#include "core/io/hdf5_text.h"

#include <hdf5.h>

#include <array>
#include <optional>

namespace cw {
namespace {

constexpr std::int64_t kMaxWidth = 1 << 20;

struct OpenMember {
  H5Handle type;  // of the member in the file
  H5Handle space;
  std::size_t rows = 0;
};

Error unreadable(const H5Node& dataset, const std::string& member) {
  const std::string reason = h5_last_message();
  return {ErrorCode::kParse, "E-H5-005",
          dataset.file() + ": field '" + member + "' of '" + dataset.path() + "' cannot be read" +
              (reason.empty() ? "" : " (" + reason + ")") + "; the file is damaged, copy or download it again"};
}

// The library copies members without asking whether they lie inside of the record.
bool members_fit(std::int64_t record) {
  const std::size_t size = H5Tget_size(record);
  const int count = H5Tget_nmembers(record);
  for (int i = 0; i < count; ++i) {
    const H5Handle type(H5Tget_member_type(record, static_cast<unsigned>(i)));
    const std::size_t offset = H5Tget_member_offset(record, static_cast<unsigned>(i));
    if (!type.valid() || offset > size || H5Tget_size(type.id()) > size - offset) return false;
  }
  return true;
}

Result<OpenMember> open_member(const H5Node& dataset, const std::string& name) {
  CW_ASSIGN(const ArrayShape shape, describe_array(dataset));
  const H5Handle record(H5Dget_type(dataset.id()));
  const int index = shape.elements == ElementClass::kCompound ? H5Tget_member_index(record.id(), name.c_str()) : -1;
  if (index < 0 || shape.dims.size() != 1 || !members_fit(record.id())) return unreadable(dataset, name);
  OpenMember member;
  member.type = H5Handle(H5Tget_member_type(record.id(), static_cast<unsigned>(index)));
  member.space = H5Handle(H5Dget_space(dataset.id()));
  member.rows = static_cast<std::size_t>(shape.num_rows());
  return member;
}

// Where a text member lies in the stored records. The library gives types as they are in memory, where a text is a
// pointer: every text before the member is shorter there than in the file.
std::optional<StoredText> stored_place(const H5Node& dataset, const std::string& name) {
  const H5Handle record(H5Dget_type(dataset.id()));
  const std::size_t growth = stored_text_bytes(dataset) - sizeof(char*);
  const int wanted = H5Tget_member_index(record.id(), name.c_str());
  if (wanted < 0) return std::nullopt;
  StoredText place{H5Tget_size(record.id()), H5Tget_member_offset(record.id(), static_cast<unsigned>(wanted))};
  const std::size_t offset_in_memory = place.offset;
  const int count = H5Tget_nmembers(record.id());
  for (int i = 0; i < count; ++i) {
    const H5Handle type(H5Tget_member_type(record.id(), static_cast<unsigned>(i)));
    const auto type_class = H5Tget_class(type.id());
    if (type_class == H5T_VLEN || type_class == H5T_COMPOUND) return std::nullopt;
    if (type_class != H5T_STRING || H5Tis_variable_str(type.id()) <= 0) continue;
    place.element_bytes += growth;
    if (H5Tget_member_offset(record.id(), static_cast<unsigned>(i)) < offset_in_memory) place.offset += growth;
  }
  return place;
}

// A record type with this one member: the library then reads nothing else.
H5Handle record_of(const std::string& name, std::int64_t type) {
  H5Handle record(H5Tcreate(H5T_COMPOUND, H5Tget_size(type)));
  H5Tinsert(record.id(), name.c_str(), 0, type);
  return record;
}

template <class T>
Result<std::vector<T>> read_numeric_member(const H5Node& dataset, const MemberShape& shape, std::int64_t native) {
  CW_ASSIGN(const OpenMember member, open_member(dataset, shape.name));
  H5Handle memory(H5Tcopy(native));
  const bool is_enum = H5Tget_class(member.type.id()) == H5T_ENUM;
  if (is_enum && H5Tget_size(member.type.id()) != 1) return unreadable(dataset, shape.name);
  if (is_enum) memory = H5Handle(H5Tcopy(member.type.id()));
  const hsize_t width = static_cast<hsize_t>(shape.width);
  if (H5Tget_class(member.type.id()) == H5T_ARRAY) memory = H5Handle(H5Tarray_create2(native, 1, &width));
  const H5Handle record = record_of(shape.name, memory.id());
  if (is_enum) {
    std::vector<std::int8_t> small(member.rows);
    if (H5Dread(dataset.id(), record.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, small.data()) < 0) {
      return unreadable(dataset, shape.name);
    }
    return std::vector<T>(small.begin(), small.end());
  }
  std::vector<T> values(member.rows * static_cast<std::size_t>(shape.width));
  if (H5Dread(dataset.id(), record.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    return unreadable(dataset, shape.name);
  }
  return values;
}

}  // namespace

std::vector<MemberShape> describe_members(const H5Node& dataset) {
  const H5Handle record(H5Dget_type(dataset.id()));
  std::vector<MemberShape> members;
  if (!record.valid() || H5Tget_class(record.id()) != H5T_COMPOUND) return members;
  const int count = H5Tget_nmembers(record.id());
  for (int i = 0; i < count; ++i) {
    char* name = H5Tget_member_name(record.id(), static_cast<unsigned>(i));
    const H5Handle type(H5Tget_member_type(record.id(), static_cast<unsigned>(i)));
    if (name == nullptr || !type.valid()) continue;
    MemberShape member{name, element_class(type.id()), 1};
    H5free_memory(name);
    if (H5Tget_class(type.id()) == H5T_ARRAY) {
      const H5Handle base(H5Tget_super(type.id()));
      std::array<hsize_t, 1> width{};
      const bool flat = H5Tget_array_ndims(type.id()) == 1 && H5Tget_array_dims2(type.id(), width.data()) == 1 &&
                        width[0] <= static_cast<hsize_t>(kMaxWidth);
      if (flat) member.elements = element_class(base.id());
      if (flat) member.width = static_cast<std::int64_t>(width[0]);
    }
    members.push_back(std::move(member));
  }
  return members;
}

template <>
Result<std::vector<double>> read_member<double>(const H5Node& dataset, const MemberShape& member) {
  return read_numeric_member<double>(dataset, member, H5T_NATIVE_DOUBLE);
}

template <>
Result<std::vector<std::int64_t>> read_member<std::int64_t>(const H5Node& dataset, const MemberShape& member) {
  return read_numeric_member<std::int64_t>(dataset, member, H5T_NATIVE_INT64);
}

template <>
Result<std::vector<std::string>> read_member<std::string>(const H5Node& dataset, const MemberShape& shape) {
  CW_ASSIGN(const OpenMember member, open_member(dataset, shape.name));
  if (member.rows == 0) return std::vector<std::string>{};
  if (H5Tis_variable_str(member.type.id()) > 0) {
    if (const auto place = stored_place(dataset, shape.name)) {
      CW_ASSIGN(auto stored, read_stored_texts(dataset, member.rows, *place));
      if (stored) return std::move(*stored);
    }
  }
  auto texts =
      read_text_elements(member.type.id(), member.space.id(), member.rows, [&](std::int64_t type, void* buffer) {
        const H5Handle record = record_of(shape.name, type);
        return H5Dread(dataset.id(), record.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
      });
  if (!texts) return unreadable(dataset, shape.name);
  return std::move(*texts);
}

}  // namespace cw
