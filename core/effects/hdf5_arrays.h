// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/hdf5_rows.h"
#include "core/io/hdf5_write.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// Arrays and texts of one file of results by path, written front to back. Errors of all functions: kIo or kNoSpace
/// E-EFF-005 when writing, kParse E-EFF-002 when reading, naming the file and the data set. One thread only, as HDF5.
class Hdf5Arrays {
 public:
  [[nodiscard]] static Result<Hdf5Arrays> create(const std::filesystem::path& path);
  /// Errors: kNotFound, kParse E-EFF-001 (not HDF5).
  [[nodiscard]] static Result<Hdf5Arrays> open(const std::filesystem::path& path);

  Result<> make_group(const std::string& name);
  Result<> set_text_attribute(const std::string& name, const std::string& value);
  [[nodiscard]] Result<std::string> text_attribute(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const { return root_->has(name); }

  /// An empty array of `columns` values per row that `append` lengthens; columns = 0 makes a plain list.
  template <class T>
  Result<> make_array(const std::string& name, std::int64_t columns) {
    return make_array(name, columns, scalar_kind<T>());
  }
  /// `name` was made by `make_array` of the same T.
  template <class T>
  Result<> append(const std::string& name, const std::vector<T>& values) {
    return append(name, values.data(), static_cast<std::int64_t>(values.size()));
  }
  template <class T>
  Result<> write(const std::string& name, const std::vector<T>& values) {
    CW_TRY(make_array<T>(name, 0));
    return append(name, values);
  }
  Result<> write_texts(const std::string& name, const std::vector<std::string>& values);

  [[nodiscard]] Result<std::int64_t> num_rows(const std::string& name) const;
  /// Rows [begin, begin + count) of an array.
  template <class T>
  [[nodiscard]] Result<std::vector<T>> read(const std::string& name, std::int64_t begin, std::int64_t count) const;
  template <class T>
  [[nodiscard]] Result<std::vector<T>> read(const std::string& name) const;
  [[nodiscard]] Result<std::vector<std::string>> read_texts(const std::string& name) const;

  /// Writes what is buffered and closes the file. Errors: kIo, kNoSpace.
  Result<> close();

 private:
  struct Growing {
    H5Appender appender;
    std::int64_t columns;
  };
  Hdf5Arrays(H5Node root, std::string path) : root_(std::move(root)), path_(std::move(path)) {}
  [[nodiscard]] Error write_error(const std::string& name, const Error& cause) const;
  [[nodiscard]] Error read_error(const std::string& name) const;
  Result<> make_array(const std::string& name, std::int64_t columns, ScalarKind kind);
  Result<> append(const std::string& name, const void* values, std::int64_t count);
  [[nodiscard]] Result<H5RowReader> rows_of(const std::string& name) const;

  std::optional<H5Node> root_;  // empty after `close`
  std::string path_;
  std::map<std::string, Growing> growing_;
};

template <class T>
Result<std::vector<T>> Hdf5Arrays::read(const std::string& name, std::int64_t begin, std::int64_t count) const {
  CW_ASSIGN(H5RowReader reader, rows_of(name));
  if (begin < 0 || count < 0 || begin + count > reader.num_rows()) return read_error(name);
  const auto bytes = reader.rows(begin, count);
  if (!bytes.ok()) return read_error(name);
  std::vector<T> values(static_cast<std::size_t>(count * reader.num_columns()));
  convert_scalars(reader.kind(), *bytes, values.size(), values.data());
  return values;
}

template <class T>
Result<std::vector<T>> Hdf5Arrays::read(const std::string& name) const {
  CW_ASSIGN(const std::int64_t rows, num_rows(name));
  return read<T>(name, 0, rows);
}

}  // namespace cw
