// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_text.h"

#include <hdf5.h>

#include <algorithm>
#include <cstring>

namespace cw {
namespace {

// Fixed-length text ends at the first zero, or at the padding of its type.
std::string fixed_text(const char* first, std::size_t size, H5T_str_t padding) {
  std::size_t length = static_cast<std::size_t>(std::find(first, first + size, '\0') - first);
  if (padding == H5T_STR_SPACEPAD) {
    while (length > 0 && first[length - 1] == ' ') --length;
  }
  return {first, length};
}

}  // namespace

H5Handle utf8_text_type() {
  H5Handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

std::optional<std::vector<std::string>> read_text_elements(std::int64_t file_type, std::int64_t space,
                                                           std::size_t count,
                                                           const std::function<int(std::int64_t, void*)>& read) {
  if (H5Tget_class(file_type) != H5T_STRING) return std::nullopt;
  std::vector<std::string> result;
  result.reserve(count);
  H5Handle memory_type(H5Tcopy(file_type));
  if (H5Tis_variable_str(file_type) > 0) {
    std::vector<char*> pointers(count, nullptr);
    if (read(memory_type.id(), pointers.data()) < 0) return std::nullopt;
    for (const char* text : pointers) result.emplace_back(text == nullptr ? "" : text);
    H5Dvlen_reclaim(memory_type.id(), space, H5P_DEFAULT, pointers.data());
    return result;
  }
  const std::size_t size = H5Tget_size(file_type);
  std::vector<char> buffer(count * size);
  if (read(memory_type.id(), buffer.data()) < 0) return std::nullopt;
  const H5T_str_t padding = H5Tget_strpad(file_type);
  for (std::size_t i = 0; i < count; ++i) result.push_back(fixed_text(buffer.data() + i * size, size, padding));
  return result;
}

}  // namespace cw
