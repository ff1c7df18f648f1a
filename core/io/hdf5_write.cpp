// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_write.h"

#include "core/io/hdf5_text.h"

#include <hdf5.h>

#include <algorithm>
#include <numeric>

namespace cw {
namespace {

constexpr std::uint64_t kUncompressedBytes = 4096;
constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 18U;

std::int64_t native_type(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::kInt8:
      return H5T_NATIVE_INT8;
    case ScalarKind::kUInt8:
      return H5T_NATIVE_UINT8;
    case ScalarKind::kInt16:
      return H5T_NATIVE_INT16;
    case ScalarKind::kUInt16:
      return H5T_NATIVE_UINT16;
    case ScalarKind::kInt32:
      return H5T_NATIVE_INT32;
    case ScalarKind::kUInt32:
      return H5T_NATIVE_UINT32;
    case ScalarKind::kInt64:
      return H5T_NATIVE_INT64;
    case ScalarKind::kUInt64:
      return H5T_NATIVE_UINT64;
    case ScalarKind::kFloat32:
      return H5T_NATIVE_FLOAT;
    case ScalarKind::kFloat64:
      break;
  }
  return H5T_NATIVE_DOUBLE;
}

H5Handle boolean_type() {
  H5Handle type(H5Tenum_create(H5T_NATIVE_INT8));
  signed char member = 0;
  H5Tenum_insert(type.id(), "FALSE", &member);
  member = 1;
  H5Tenum_insert(type.id(), "TRUE", &member);
  return type;
}

std::string path_of(const H5Node& parent, std::string_view name) {
  return parent.path().empty() ? std::string(name) : parent.path() + "/" + std::string(name);
}

// `properties` is H5P_DEFAULT (contiguous) or says how the dataset is chunked. No time stamps: files of equal content
// are equal.
Result<H5Node> make_dataset(const H5Node& parent, std::string_view name, std::int64_t type, std::int64_t space,
                            std::int64_t properties) {
  const H5Handle contiguous(properties == H5P_DEFAULT ? H5Pcreate(H5P_DATASET_CREATE) : H5I_INVALID_HID);
  if (contiguous.valid()) properties = contiguous.id();
  H5Pset_obj_track_times(properties, false);
  const H5Handle links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links.id(), 1);
  // without the time of writing, so that the same content gives the same bytes
  const H5Handle stored(properties == H5P_DEFAULT ? H5Pcreate(H5P_DATASET_CREATE) : H5Pcopy(properties));
  H5Pset_obj_track_times(stored.id(), false);
  H5Handle dataset(
      H5Dcreate2(parent.id(), std::string(name).c_str(), type, space, links.id(), stored.id(), H5P_DEFAULT));
  if (!dataset.valid()) return h5_error("E-H5-007", parent.file(), path_of(parent, name), "making");
  return parent.child(std::move(dataset), name);
}

Result<H5Node> write_dataset(const H5Node& parent, std::string_view name, std::int64_t type, std::int64_t space,
                             std::int64_t properties, const void* values) {
  CW_ASSIGN(H5Node node, make_dataset(parent, name, type, space, properties));
  if (H5Sget_simple_extent_npoints(space) == 0) return node;
  if (H5Dwrite(node.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    return h5_error("E-H5-007", parent.file(), node.path(), "writing");
  }
  return node;
}

H5Handle chunked(const std::vector<hsize_t>& chunk, int gzip) {
  H5Handle properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
  if (gzip > 0) {
    H5Pset_shuffle(properties.id());  // bytes of equal weight together compress better
    H5Pset_deflate(properties.id(), static_cast<unsigned>(gzip));
  }
  return properties;
}

// Whole rows together, about kChunkBytes at a time.
H5Handle storage_of(const std::vector<hsize_t>& dims, std::uint64_t element_bytes, const H5Storage& storage) {
  const auto total = std::accumulate(dims.begin(), dims.end(), element_bytes, std::multiplies<>());
  if (storage.gzip <= 0 || total < kUncompressedBytes || dims.empty()) return H5Handle(H5Pcreate(H5P_DATASET_CREATE));
  std::vector<hsize_t> chunk = dims;
  const std::uint64_t row_bytes = total / dims[0];
  chunk[0] = std::clamp<hsize_t>(kChunkBytes / std::max<std::uint64_t>(1, row_bytes), 1, dims[0]);
  return chunked(chunk, storage.gzip);
}

H5Handle simple_space(const std::vector<hsize_t>& dims) {
  return H5Handle(dims.empty() ? H5Screate(H5S_SCALAR)
                               : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr));
}

}  // namespace

Result<H5Node> write_numbers(const H5Node& parent, std::string_view name, ScalarKind kind, const void* values,
                             const std::vector<std::int64_t>& dims, const H5Storage& storage) {
  const std::vector<hsize_t> extent(dims.begin(), dims.end());
  return write_dataset(parent, name, native_type(kind), simple_space(extent).id(),
                       storage_of(extent, scalar_size(kind), storage).id(), values);
}

Result<H5Node> write_texts(const H5Node& parent, std::string_view name, std::span<const std::string> texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const auto& text : texts) pointers.push_back(text.c_str());
  return write_dataset(parent, name, utf8_text_type().id(), simple_space({texts.size()}).id(), H5P_DEFAULT,
                       static_cast<const void*>(pointers.data()));
}

Result<H5Node> write_booleans(const H5Node& parent, std::string_view name, std::span<const std::uint8_t> values) {
  return write_dataset(parent, name, boolean_type().id(), simple_space({values.size()}).id(),
                       storage_of({values.size()}, 1, {}).id(), values.data());
}

Result<H5Node> write_text(const H5Node& parent, std::string_view name, std::string_view text) {
  const std::string copy(text);
  const char* pointer = copy.c_str();
  return write_dataset(parent, name, utf8_text_type().id(), simple_space({}).id(), H5P_DEFAULT,
                       static_cast<const void*>(&pointer));
}

Result<H5Node> write_number(const H5Node& parent, std::string_view name, ScalarKind kind, const void* value) {
  return write_dataset(parent, name, native_type(kind), simple_space({}).id(), H5P_DEFAULT, value);
}

Result<H5Node> write_boolean(const H5Node& parent, std::string_view name, bool value) {
  const signed char member = value ? 1 : 0;
  return write_dataset(parent, name, boolean_type().id(), simple_space({}).id(), H5P_DEFAULT, &member);
}

Result<H5Appender> H5Appender::create(const H5Node& parent, std::string_view name, ScalarKind kind,
                                      const std::vector<std::int64_t>& columns, std::int64_t chunk_rows,
                                      const H5Storage& storage) {
  std::vector<hsize_t> dims{0};
  dims.insert(dims.end(), columns.begin(), columns.end());
  std::vector<hsize_t> limits = dims;
  std::vector<hsize_t> chunk = dims;
  limits[0] = H5S_UNLIMITED;
  chunk[0] = static_cast<hsize_t>(std::max<std::int64_t>(1, chunk_rows));
  const H5Handle space(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), limits.data()));
  CW_ASSIGN(H5Node node, make_dataset(parent, name, native_type(kind), space.id(), chunked(chunk, storage.gzip).id()));
  return H5Appender(std::move(node), H5Handle(H5Tcopy(native_type(kind))), {dims.begin(), dims.end()});
}

Result<H5Appender> H5Appender::reopen(const H5Node& parent, std::string_view name, std::int64_t rows) {
  CW_ASSIGN(H5Node node, parent.open(name));
  const H5Handle space(H5Dget_space(node.id()));
  std::vector<std::uint64_t> dims(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space.id()))));
  H5Sget_simple_extent_dims(space.id(), reinterpret_cast<hsize_t*>(dims.data()), nullptr);
  if (dims.empty() || dims[0] < static_cast<std::uint64_t>(rows)) {
    return Error{ErrorCode::kParse, "E-H5-004",
                 node.file() + ": '" + node.path() + "' has fewer than the " + std::to_string(rows) +
                     " rows that were written; the run cannot go on from this file"};
  }
  const H5Handle file_type(H5Dget_type(node.id()));
  H5Handle memory_type(H5Tget_native_type(file_type.id(), H5T_DIR_ASCEND));
  H5Appender appender(std::move(node), std::move(memory_type), std::move(dims));
  appender.num_rows_ = rows;
  return appender;
}

Result<> H5Appender::append(const void* values, std::int64_t count) {
  if (count == 0) return {};
  std::vector<hsize_t> extent(dims_.begin(), dims_.end());
  extent[0] = static_cast<hsize_t>(num_rows_ + count);
  std::vector<hsize_t> start(dims_.size(), 0);
  start[0] = static_cast<hsize_t>(num_rows_);
  std::vector<hsize_t> block = extent;
  block[0] = static_cast<hsize_t>(count);
  if (H5Dset_extent(node_.id(), extent.data()) < 0) return h5_error("E-H5-007", node_.file(), node_.path(), "writing");
  const H5Handle file_space(H5Dget_space(node_.id()));
  const H5Handle memory_space(H5Screate_simple(static_cast<int>(block.size()), block.data(), nullptr));
  H5Sselect_hyperslab(file_space.id(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr);
  if (H5Dwrite(node_.id(), memory_type_.id(), memory_space.id(), file_space.id(), H5P_DEFAULT, values) < 0) {
    return h5_error("E-H5-007", node_.file(), node_.path(), "writing");
  }
  num_rows_ += count;
  return {};
}

}  // namespace cw
