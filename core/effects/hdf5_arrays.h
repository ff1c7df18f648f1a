// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// An HDF5 identifier that closes itself.
class Hdf5Id {
 public:
  using Closer = herr_t (*)(hid_t);
  Hdf5Id() = default;
  Hdf5Id(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  Hdf5Id(Hdf5Id&& other) noexcept : id_(other.id_), closer_(other.closer_) { other.id_ = -1; }
  Hdf5Id& operator=(Hdf5Id&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  ~Hdf5Id() {
    if (id_ >= 0) closer_(id_);
  }
  [[nodiscard]] hid_t get() const noexcept { return id_; }
  [[nodiscard]] bool ok() const noexcept { return id_ >= 0; }

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

/// The HDF5 type of T in memory: float, double, (u)int8 to 64.
template <class T>
[[nodiscard]] hid_t hdf5_type() noexcept;

/// Arrays and texts of one file of results, written front to back. Errors of all functions: kIo E-EFF-005 when writing,
/// kParse E-EFF-002 when reading, naming the file and the data set. One thread only, as HDF5.
class Hdf5Arrays {
 public:
  [[nodiscard]] static Result<Hdf5Arrays> create(const std::filesystem::path& path);
  /// Errors: kNotFound, kParse E-EFF-001 (not HDF5).
  [[nodiscard]] static Result<Hdf5Arrays> open(const std::filesystem::path& path);

  Result<> make_group(const std::string& name);
  Result<> set_text_attribute(const std::string& name, const std::string& value);
  [[nodiscard]] Result<std::string> text_attribute(const std::string& name);
  [[nodiscard]] bool has(const std::string& name);

  /// An empty array of `columns` values per row that `append` lengthens; columns = 0 makes a plain list.
  template <class T>
  Result<> make_array(const std::string& name, std::int64_t columns);
  template <class T>
  Result<> append(const std::string& name, const std::vector<T>& values);
  template <class T>
  Result<> write(const std::string& name, const std::vector<T>& values);
  Result<> write_texts(const std::string& name, const std::vector<std::string>& values);

  [[nodiscard]] Result<std::int64_t> num_rows(const std::string& name);
  /// Rows [begin, begin + count) of an array.
  template <class T>
  [[nodiscard]] Result<std::vector<T>> read(const std::string& name, std::int64_t begin, std::int64_t count);
  template <class T>
  [[nodiscard]] Result<std::vector<T>> read(const std::string& name);
  [[nodiscard]] Result<std::vector<std::string>> read_texts(const std::string& name);

  /// Writes what is buffered and closes the file. Errors: kIo (disk full).
  Result<> close();

 private:
  Hdf5Arrays(Hdf5Id file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  [[nodiscard]] Error write_error(const std::string& name) const;
  [[nodiscard]] Error read_error(const std::string& name) const;
  Result<> make_array(const std::string& name, std::int64_t columns, hid_t type);
  Result<> append(const std::string& name, const void* values, std::int64_t count, hid_t type);
  Result<> read(const std::string& name, std::int64_t begin, std::int64_t rows, void* values, hid_t type);
  /// Rows and values per row (1 for a plain list).
  Result<std::pair<std::int64_t, std::int64_t>> extent(const std::string& name);

  Hdf5Id file_;
  std::string path_;
};

template <class T>
Result<> Hdf5Arrays::make_array(const std::string& name, std::int64_t columns) {
  return make_array(name, columns, hdf5_type<T>());
}

template <class T>
Result<> Hdf5Arrays::append(const std::string& name, const std::vector<T>& values) {
  return append(name, values.data(), static_cast<std::int64_t>(values.size()), hdf5_type<T>());
}

template <class T>
Result<> Hdf5Arrays::write(const std::string& name, const std::vector<T>& values) {
  CW_TRY(make_array<T>(name, 0));
  return append(name, values);
}

template <class T>
Result<std::vector<T>> Hdf5Arrays::read(const std::string& name, std::int64_t begin, std::int64_t count) {
  CW_ASSIGN(const auto shape, extent(name));
  if (begin < 0 || count < 0 || begin + count > shape.first) return read_error(name);
  std::vector<T> values(static_cast<std::size_t>(count * shape.second));
  CW_TRY(read(name, begin, count, values.data(), hdf5_type<T>()));
  return values;
}

template <class T>
Result<std::vector<T>> Hdf5Arrays::read(const std::string& name) {
  CW_ASSIGN(const std::int64_t rows, num_rows(name));
  return read<T>(name, 0, rows);
}

}  // namespace cw
