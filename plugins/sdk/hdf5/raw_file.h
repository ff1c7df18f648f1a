// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>

namespace cw {

/// The number in `count` bytes, at most 8, the lowest first.
[[nodiscard]] inline std::uint64_t little_endian(const std::byte* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8U) | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

/// The bytes of an HDF5 file beside the library, with every access checked against the size of the file: the library
/// (1.10) follows damaged addresses and sizes without checking them, and ends the program.
class H5RawFile {
 public:
  H5RawFile() = default;
  /// The file that an open object of the library lies in (its `hid_t`). `usable()` is false if the file is open for
  /// writing (its bytes may not be there yet) or begins with a block of another program. Errors: kIo E-H5-005.
  [[nodiscard]] static Result<H5RawFile> open(std::int64_t object);
  H5RawFile(H5RawFile&& other) noexcept;
  H5RawFile& operator=(H5RawFile&& other) noexcept;
  H5RawFile(const H5RawFile&) = delete;
  H5RawFile& operator=(const H5RawFile&) = delete;
  ~H5RawFile();

  [[nodiscard]] bool usable() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Bytes of an address and of a length in this file.
  [[nodiscard]] std::size_t address_bytes() const noexcept { return address_bytes_; }
  [[nodiscard]] std::size_t length_bytes() const noexcept { return length_bytes_; }
  /// Bytes at `offset`. False if they are not there.
  [[nodiscard]] bool read(std::uint64_t offset, std::size_t size, std::byte* bytes) const;

 private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::size_t address_bytes_ = 8, length_bytes_ = 8;
};

}  // namespace cw
