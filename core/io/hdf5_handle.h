// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cw {

/// Owns one HDF5 identifier of any kind (file, group, dataset, type, space, property list) and closes it.
/// HDF5 is used from one thread; its own error printing is silent, see `h5_error`.
class H5Handle {
 public:
  H5Handle() = default;
  /// Takes over `id` as an HDF5 call returned it; negative means that the call failed.
  explicit H5Handle(std::int64_t id) noexcept : id_(id) {}
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  H5Handle& operator=(H5Handle&& other) noexcept;
  H5Handle(const H5Handle&) = delete;
  H5Handle& operator=(const H5Handle&) = delete;
  ~H5Handle();

  [[nodiscard]] bool valid() const noexcept { return id_ >= 0; }
  /// The library's `hid_t`.
  [[nodiscard]] std::int64_t id() const noexcept { return id_; }

 private:
  std::int64_t id_ = -1;
};

/// Silences the library's error printing and registers our decompression filters. Called by every function of this
/// folder that opens or makes a file; harmless when repeated.
void prepare_hdf5();

/// An Error for the HDF5 call that has just failed: "FILE: DOING 'OBJECT' failed: what the library said".
/// A full disk becomes kNoSpace, lack of memory while writing kOutOfMemory. `id` is the stable name, for reading
/// "E-H5-005", for writing "E-H5-007".
[[nodiscard]] Error h5_error(std::string_view id, std::string_view file, std::string_view object,
                             std::string_view doing);

/// The innermost message of the library's error stack, "" if there is none.
[[nodiscard]] std::string h5_last_message();

}  // namespace cw
