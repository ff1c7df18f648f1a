// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_text.h"

#include "core/io/hdf5_rows.h"
#include "plugins/sdk/hdf5/text_heap.h"

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

std::size_t stored_text_bytes(const H5Node& dataset) {
  const H5Handle file(H5Iget_file_id(dataset.id()));
  const H5Handle creation(H5Fget_create_plist(file.id()));
  std::size_t address_bytes = 8;
  std::size_t length_bytes = 8;
  H5Pget_sizes(creation.id(), &address_bytes, &length_bytes);
  return 8 + address_bytes;
}

Result<std::optional<std::vector<std::string>>> read_stored_texts(const H5Node& dataset, std::size_t count,
                                                                  const StoredText& place) {
  using Texts = std::optional<std::vector<std::string>>;
  CW_ASSIGN(const H5RawFile file, H5RawFile::open(dataset.id()));
  if (!file.usable()) return Texts{};
  H5TextHeap heap(file);
  if (place.offset + heap.reference_bytes() > place.element_bytes) return Texts{};
  const auto add_all = [&](const std::byte* elements, std::size_t size, std::vector<std::string>& texts) -> Result<> {
    std::string_view text;
    for (std::size_t i = 0; i < size; ++i) {
      if (!heap.text(elements + i * place.element_bytes + place.offset, text)) {
        return Error{ErrorCode::kParse, "E-H5-005",
                     dataset.file() + ": text " + std::to_string(texts.size()) + " of '" + dataset.path() +
                         "' is not where the file says; the file is damaged, copy or download it again"};
      }
      texts.emplace_back(text);
    }
    return {};
  };
  std::vector<std::string> texts;
  texts.reserve(count);
  const haddr_t offset = H5Dget_offset(dataset.id());
  if (offset != HADDR_UNDEF) {  // contiguous
    const std::size_t bytes = count * place.element_bytes;
    std::vector<std::byte> elements(std::min(bytes, static_cast<std::size_t>(file.size())));
    if (H5Dget_storage_size(dataset.id()) != bytes || elements.size() != bytes ||
        !file.read(offset, bytes, elements.data())) {
      return Error{ErrorCode::kParse, "E-H5-005",
                   dataset.file() + ": '" + dataset.path() + "' lies behind the end of the file; it is cut off"};
    }
    CW_TRY(add_all(elements.data(), count, texts));
    return Texts(std::move(texts));
  }
  CW_ASSIGN(auto rows, H5RowReader::open_stored(dataset, place.element_bytes));
  if (!rows) return Texts{};
  constexpr std::int64_t kAtOnce = 1 << 16;
  for (std::int64_t row = 0; row < rows->num_rows(); row += kAtOnce) {
    const std::int64_t size = std::min(kAtOnce, rows->num_rows() - row);
    CW_ASSIGN(const std::byte* elements, rows->rows(row, size));
    CW_TRY(add_all(elements, static_cast<std::size_t>(size), texts));
  }
  return Texts(std::move(texts));
}

}  // namespace cw
