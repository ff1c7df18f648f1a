// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/sdk/hdf5/raw_file.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// An attribute as it lies in the file. `values` holds `count` elements of `element_bytes`.
struct H5StoredAttribute {
  enum class Kind { kText, kVariableText, kInteger, kReal, kReference, kOther };
  Kind kind = Kind::kOther;
  std::size_t element_bytes = 0;
  std::size_t count = 0;
  bool is_signed = false;
  bool big_endian = false;
  bool space_padded = false;
  std::vector<std::byte> values;

  /// Texts of either kind; empty for other kinds, nothing if one of them points nowhere.
  [[nodiscard]] std::optional<std::vector<std::string>> texts(const H5RawFile& file) const;
  /// Whole numbers, or real ones cut to them; empty for other kinds.
  [[nodiscard]] std::vector<std::int64_t> integers() const;
};

/// Where an attribute was found.
enum class AttributeSearch {
  kFound,
  kAbsent,     ///< it is not there, or what is there is damaged
  kElsewhere,  ///< it may be where only the library looks: in a fractal heap, or of a type that is stored apart
};

/// Looks for an attribute in the header of an object, with every size checked: the library (1.10) copies from wild
/// addresses where the header of an attribute is damaged. `address` is that of the object's header.
/// Source    HDF5 File Format Specification 3.0, IV.A.1 (object headers), IV.A.2.b, d and m (their messages).
[[nodiscard]] AttributeSearch find_stored_attribute(const H5RawFile& file, std::uint64_t address, std::string_view name,
                                                    H5StoredAttribute& found);

}  // namespace cw
