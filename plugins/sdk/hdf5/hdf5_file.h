// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/column.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw::sdk {

/// An identifier of the HDF5 library, given back when it goes.
class Hdf5Id {
 public:
  Hdf5Id() = default;
  explicit Hdf5Id(std::int64_t id) noexcept : id_(id) {}
  Hdf5Id(Hdf5Id&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Hdf5Id& operator=(Hdf5Id&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  Hdf5Id(const Hdf5Id&) = delete;
  Hdf5Id& operator=(const Hdf5Id&) = delete;
  ~Hdf5Id();
  [[nodiscard]] std::int64_t get() const noexcept { return id_; }
  [[nodiscard]] bool ok() const noexcept { return id_ >= 0; }

 private:
  std::int64_t id_ = -1;
};

/// An open data set, for reading. Numbers are converted by the library to the type asked for.
class Hdf5Array {
 public:
  [[nodiscard]] const std::vector<std::uint64_t>& shape() const noexcept { return shape_; }
  /// Shape of the pieces it is stored in; empty if it is stored in one piece.
  [[nodiscard]] const std::vector<std::uint64_t>& chunk() const noexcept { return chunk_; }
  /// "int32", "float64", "string", "bool", ...
  [[nodiscard]] const std::string& dtype() const noexcept { return dtype_; }
  /// What a column of it would be; nothing for compound types, references and the like.
  [[nodiscard]] std::optional<ColumnKind> kind() const noexcept { return kind_; }

  /// The box from `begin`, `count` long in each direction, row-major. Errors: kIo (damaged), kShape (outside).
  Result<> read(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count, float* out) const;
  Result<> read(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count, double* out) const;
  Result<> read(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count, std::int64_t* out) const;
  /// All of a one-dimensional array. Errors: kIo, kParse (not one-dimensional, not of that kind, implausibly long).
  [[nodiscard]] Result<std::vector<std::int64_t>> integers() const;
  [[nodiscard]] Result<std::vector<std::string>> texts() const;
  /// All of a one-dimensional array as a column; enumerations become categories. Errors: as `texts`.
  [[nodiscard]] Result<Column> column(std::string name) const;

 private:
  friend class Hdf5File;
  Result<> read_box(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count, std::int64_t type,
                    void* out) const;
  [[nodiscard]] Result<std::uint64_t> length() const;
  [[nodiscard]] Result<std::vector<std::string>> texts_by_library(std::uint64_t rows) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> enum_values(std::uint64_t rows) const;
  [[nodiscard]] Error failed(ErrorCode code, const std::string& what) const;

  Hdf5Id data_;
  std::string where_;  ///< file and path, for errors
  std::string error_id_;
  std::vector<std::uint64_t> shape_;
  std::vector<std::uint64_t> chunk_;
  std::string dtype_;
  std::optional<ColumnKind> kind_;
  std::map<std::int64_t, std::string> names_;  ///< of an enumeration, by value
  bool variable_text_ = false;
  std::size_t text_width_ = 0;
};

/// An HDF5 file, open for reading only. For reader plugins, so that each needs just a few lines of HDF5.
class Hdf5File {
 public:
  /// `error_id` is the code of all errors about damaged content. Errors: kNotFound, kIo, kParse (not HDF5, cut off).
  [[nodiscard]] static Result<Hdf5File> open(const std::filesystem::path& path, std::string error_id);
  /// True if the file begins as HDF5 does.
  [[nodiscard]] static bool looks_like_hdf5(const std::filesystem::path& path);

  [[nodiscard]] bool has_group(const std::string& path) const;
  [[nodiscard]] bool has_array(const std::string& path) const;
  /// Names in a group, sorted. Errors: kIo.
  [[nodiscard]] Result<std::vector<std::string>> names_in(const std::string& group) const;
  /// Errors: kParse (absent or of an unreadable type), kIo.
  [[nodiscard]] Result<Hdf5Array> array(const std::string& path) const;

 private:
  [[nodiscard]] int type_of(const std::string& path) const;

  Hdf5Id file_;
  std::string where_;
  std::string error_id_;
};

}  // namespace cw::sdk
