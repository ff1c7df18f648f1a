// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/hdf5_arrays.h"

#include <algorithm>
#include <array>

namespace cw {
namespace {

constexpr hsize_t kChunkRows = 16384;

/// HDF5 prints its error stack to the terminal by default; our errors are values.
void silence_hdf5() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

Hdf5Id text_type() {
  Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

/// Files must be equal bit for bit when their content is: no time stamps.
Hdf5Id creation_list(hid_t kind) {
  Hdf5Id list(H5Pcreate(kind), H5Pclose);
  H5Pset_obj_track_times(list.get(), false);
  return list;
}

}  // namespace

template <>
hid_t hdf5_type<float>() noexcept {
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t hdf5_type<double>() noexcept {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t hdf5_type<std::int32_t>() noexcept {
  return H5T_NATIVE_INT32;
}
template <>
hid_t hdf5_type<std::int64_t>() noexcept {
  return H5T_NATIVE_INT64;
}
template <>
hid_t hdf5_type<std::uint8_t>() noexcept {
  return H5T_NATIVE_UINT8;
}

Error Hdf5Arrays::write_error(const std::string& name) const {
  return {ErrorCode::kIo, "E-EFF-005", path_ + ": cannot write " + name + "; check free space and permissions"};
}

Error Hdf5Arrays::read_error(const std::string& name) const {
  return {ErrorCode::kParse, "E-EFF-002", path_ + ": " + name + " is missing or damaged; run again"};
}

Result<Hdf5Arrays> Hdf5Arrays::create(const std::filesystem::path& path) {
  silence_hdf5();
  Hdf5Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  Hdf5Arrays arrays(std::move(file), path.string());
  if (!arrays.file_.ok()) return arrays.write_error("the file");
  return arrays;
}

Result<Hdf5Arrays> Hdf5Arrays::open(const std::filesystem::path& path) {
  silence_hdf5();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return Error{ErrorCode::kNotFound, "E-EFF-001",
                 path.string() + ": no such file; expected effects.h5 of a perturbation run"};
  }
  Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file.ok()) {
    return Error{ErrorCode::kParse, "E-EFF-001",
                 path.string() + ": not a readable HDF5 file; expected effects.h5 of a perturbation run"};
  }
  return Hdf5Arrays(std::move(file), path.string());
}

Result<> Hdf5Arrays::make_group(const std::string& name) {
  const Hdf5Id list = creation_list(H5P_GROUP_CREATE);
  const Hdf5Id group(H5Gcreate2(file_.get(), name.c_str(), H5P_DEFAULT, list.get(), H5P_DEFAULT), H5Gclose);
  if (!group.ok()) return write_error(name);
  return {};
}

bool Hdf5Arrays::has(const std::string& name) { return H5Lexists(file_.get(), name.c_str(), H5P_DEFAULT) > 0; }

Result<> Hdf5Arrays::set_text_attribute(const std::string& name, const std::string& value) {
  // of variable length: a fixed one is limited to 64 KiB
  const Hdf5Id type = text_type();
  const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Hdf5Id attribute(H5Acreate2(file_.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  const char* text = value.c_str();
  if (!attribute.ok() || H5Awrite(attribute.get(), type.get(), static_cast<const void*>(&text)) < 0) {
    return write_error("attribute " + name);
  }
  return {};
}

Result<std::string> Hdf5Arrays::text_attribute(const std::string& name) {
  if (H5Aexists(file_.get(), name.c_str()) <= 0) return read_error("attribute " + name);
  const Hdf5Id attribute(H5Aopen(file_.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  const Hdf5Id stored(H5Aget_type(attribute.get()), H5Tclose);
  if (H5Tis_variable_str(stored.get()) <= 0) return read_error("attribute " + name);
  char* text = nullptr;
  if (H5Aread(attribute.get(), text_type().get(), static_cast<void*>(&text)) < 0 || text == nullptr) {
    return read_error("attribute " + name);
  }
  std::string value(text);
  H5free_memory(text);
  return value;
}

Result<> Hdf5Arrays::make_array(const std::string& name, std::int64_t columns, hid_t type) {
  const int rank = columns == 0 ? 1 : 2;
  const std::array<hsize_t, 2> now = {0, static_cast<hsize_t>(columns)};
  const std::array<hsize_t, 2> most = {H5S_UNLIMITED, static_cast<hsize_t>(columns)};
  const std::array<hsize_t, 2> chunk = {kChunkRows, static_cast<hsize_t>(columns)};
  const Hdf5Id space(H5Screate_simple(rank, now.data(), most.data()), H5Sclose);
  const Hdf5Id list = creation_list(H5P_DATASET_CREATE);
  H5Pset_chunk(list.get(), rank, chunk.data());
  const Hdf5Id array(H5Dcreate2(file_.get(), name.c_str(), type, space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT),
                     H5Dclose);
  if (!array.ok()) return write_error(name);
  return {};
}

Result<std::pair<std::int64_t, std::int64_t>> Hdf5Arrays::extent(const std::string& name) {
  const Hdf5Id array(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!array.ok()) return read_error(name);
  const Hdf5Id space(H5Dget_space(array.get()), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank != 1 && rank != 2) return read_error(name);
  std::array<hsize_t, 2> shape = {0, 1};
  H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  return std::pair{static_cast<std::int64_t>(shape[0]), static_cast<std::int64_t>(shape[1])};
}

Result<std::int64_t> Hdf5Arrays::num_rows(const std::string& name) {
  CW_ASSIGN(const auto shape, extent(name));
  return shape.first;
}

Result<> Hdf5Arrays::append(const std::string& name, const void* values, std::int64_t count, hid_t type) {
  CW_ASSIGN(const auto shape, extent(name));
  const Hdf5Id array(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!array.ok() || shape.second == 0 || count % shape.second != 0) return write_error(name);
  const std::int64_t rows = count / shape.second;
  if (rows == 0) return {};
  const std::array<hsize_t, 2> larger = {static_cast<hsize_t>(shape.first + rows), static_cast<hsize_t>(shape.second)};
  if (H5Dset_extent(array.get(), larger.data()) < 0) return write_error(name);
  const Hdf5Id space(H5Dget_space(array.get()), H5Sclose);
  const std::array<hsize_t, 2> start = {static_cast<hsize_t>(shape.first), 0};
  const std::array<hsize_t, 2> size = {static_cast<hsize_t>(rows), static_cast<hsize_t>(shape.second)};
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  const Hdf5Id memory(H5Screate_simple(rank, size.data(), nullptr), H5Sclose);
  if (H5Dwrite(array.get(), type, memory.get(), space.get(), H5P_DEFAULT, values) < 0) return write_error(name);
  return {};
}

Result<> Hdf5Arrays::read(const std::string& name, std::int64_t begin, std::int64_t rows, void* values, hid_t type) {
  if (rows == 0) return {};
  CW_ASSIGN(const auto shape, extent(name));
  const Hdf5Id array(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  const Hdf5Id stored(H5Dget_type(array.get()), H5Tclose);
  const H5T_class_t kind = H5Tget_class(stored.get());
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return read_error(name);
  const Hdf5Id space(H5Dget_space(array.get()), H5Sclose);
  const std::array<hsize_t, 2> start = {static_cast<hsize_t>(begin), 0};
  const std::array<hsize_t, 2> size = {static_cast<hsize_t>(rows), static_cast<hsize_t>(shape.second)};
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  const Hdf5Id memory(H5Screate_simple(rank, size.data(), nullptr), H5Sclose);
  if (H5Dread(array.get(), type, memory.get(), space.get(), H5P_DEFAULT, values) < 0) return read_error(name);
  return {};
}

Result<> Hdf5Arrays::write_texts(const std::string& name, const std::vector<std::string>& values) {
  const hsize_t count = values.size();
  const Hdf5Id type = text_type();
  const Hdf5Id space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const Hdf5Id list = creation_list(H5P_DATASET_CREATE);
  const Hdf5Id array(
      H5Dcreate2(file_.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT), H5Dclose);
  if (!array.ok()) return write_error(name);
  if (count == 0) return {};
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const auto& value : values) pointers.push_back(value.c_str());
  if (H5Dwrite(array.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, static_cast<const void*>(pointers.data())) < 0) {
    return write_error(name);
  }
  return {};
}

Result<std::vector<std::string>> Hdf5Arrays::read_texts(const std::string& name) {
  CW_ASSIGN(const std::int64_t rows, num_rows(name));
  const Hdf5Id array(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  const Hdf5Id stored(H5Dget_type(array.get()), H5Tclose);
  if (H5Tget_class(stored.get()) != H5T_STRING || H5Tis_variable_str(stored.get()) <= 0) return read_error(name);
  std::vector<std::string> values(static_cast<std::size_t>(rows));
  if (rows == 0) return values;
  std::vector<char*> pointers(values.size(), nullptr);
  const Hdf5Id type = text_type();
  if (H5Dread(array.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, static_cast<void*>(pointers.data())) < 0) {
    return read_error(name);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (pointers[i] != nullptr) values[i] = pointers[i];
    H5free_memory(pointers[i]);
  }
  return values;
}

Result<> Hdf5Arrays::close() {
  const bool flushed = H5Fflush(file_.get(), H5F_SCOPE_LOCAL) >= 0;
  file_ = Hdf5Id();
  if (!flushed) return write_error("the end of the file");
  return {};
}

}  // namespace cw
