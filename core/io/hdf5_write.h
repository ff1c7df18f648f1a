// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/io/hdf5_node.h"
#include "core/io/scalar_kind.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// How an array is stored.
struct H5Storage {
  int gzip = 4;  ///< 0 (off) to 9; 4 is gzip's and h5py's usual compromise. Arrays under 4 KiB are never compressed.
};

/// Writes a numeric array of `dims`, row-major. Parent groups are made. Errors: kIo, kNoSpace.
Result<H5Node> write_numbers(const H5Node& parent, std::string_view name, ScalarKind kind, const void* values,
                             const std::vector<std::int64_t>& dims, const H5Storage& storage = {});

/// Writes a one-dimensional array of a number type. Errors: kIo, kNoSpace.
template <class T>
Result<H5Node> write_numbers(const H5Node& parent, std::string_view name, std::span<const T> values,
                             const H5Storage& storage = {}) {
  return write_numbers(parent, name, scalar_kind<T>(), values.data(), {static_cast<std::int64_t>(values.size())},
                       storage);
}
template <class T>
Result<H5Node> write_numbers(const H5Node& parent, std::string_view name, const std::vector<T>& values,
                             const H5Storage& storage = {}) {
  return write_numbers(parent, name, std::span<const T>(values), storage);
}

/// Writes texts as variable-length UTF-8. Errors: kIo, kNoSpace.
Result<H5Node> write_texts(const H5Node& parent, std::string_view name, std::span<const std::string> texts);

/// Writes truth values as h5py does (an enumeration FALSE, TRUE). Errors: kIo, kNoSpace.
Result<H5Node> write_booleans(const H5Node& parent, std::string_view name, std::span<const std::uint8_t> values);

/// Single values. Errors: kIo, kNoSpace.
Result<H5Node> write_text(const H5Node& parent, std::string_view name, std::string_view text);
Result<H5Node> write_number(const H5Node& parent, std::string_view name, ScalarKind kind, const void* value);
Result<H5Node> write_boolean(const H5Node& parent, std::string_view name, bool value);

/// A numeric dataset that grows by rows, for results that are written block by block.
class H5Appender {
 public:
  /// Makes an empty dataset [0, columns...]; `columns` empty = one dimension. `chunk_rows` rows are stored together.
  /// Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<H5Appender> create(const H5Node& parent, std::string_view name, ScalarKind kind,
                                                 const std::vector<std::int64_t>& columns, std::int64_t chunk_rows,
                                                 const H5Storage& storage = {});
  /// Goes on with a dataset that `create` made, after its first `rows` rows. Errors: kParse E-H5-004, kIo.
  [[nodiscard]] static Result<H5Appender> reopen(const H5Node& parent, std::string_view name, std::int64_t rows);

  /// Appends `count` rows of numbers of the kind given at the beginning. Errors: kIo, kNoSpace.
  Result<> append(const void* values, std::int64_t count);
  [[nodiscard]] std::int64_t num_rows() const noexcept { return num_rows_; }
  [[nodiscard]] const H5Node& node() const noexcept { return node_; }

 private:
  H5Appender(H5Node node, H5Handle memory_type, std::vector<std::uint64_t> dims)
      : node_(std::move(node)), memory_type_(std::move(memory_type)), dims_(std::move(dims)) {}

  H5Node node_;
  H5Handle memory_type_;
  std::vector<std::uint64_t> dims_;
  std::int64_t num_rows_ = 0;
};

}  // namespace cw
