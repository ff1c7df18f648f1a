// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/sdk/hdf5/raw_file.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cw {

/// Reads variable-length texts from the global heaps of an HDF5 file, with every address, index and length checked.
/// The file must live longer.
/// Source    HDF5 File Format Specification 3.0, III.E (global heap) and IV.A.2.d (variable-length elements).
class H5TextHeap {
 public:
  explicit H5TextHeap(const H5RawFile& file) : file_(file) {}

  /// Bytes of one reference to a text, as stored in a dataset.
  [[nodiscard]] std::size_t reference_bytes() const noexcept { return 8 + file_.address_bytes(); }
  /// The text that a stored reference points to, valid until the next call. False if it points nowhere.
  [[nodiscard]] bool text(const std::byte* reference, std::string_view& text);

 private:
  struct Object {
    std::size_t offset = 0, size = 0;
  };
  struct Collection {
    std::vector<std::byte> bytes;
    std::vector<Object> objects;  // by index; size 0 and offset 0 where there is none
  };

  [[nodiscard]] const Collection* collection(std::uint64_t address);
  [[nodiscard]] bool parse(Collection& collection) const;

  const H5RawFile& file_;
  std::unordered_map<std::uint64_t, Collection> collections_;
};

}  // namespace cw
