// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_rows.h"

#include "core/base/check.h"
#include "core/base/parallel.h"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

namespace cw {
namespace {

constexpr std::size_t kFirstAheadBytes = std::size_t{1} << 19U;
constexpr std::size_t kPlainWindowBytes = std::size_t{1} << 18U;  // where there is nothing to decode in parallel

struct NativeType {
  ScalarKind kind;
  std::int64_t type;
};

std::array<NativeType, 10> native_types() {
  return {{{ScalarKind::kInt8, H5T_NATIVE_INT8},
           {ScalarKind::kUInt8, H5T_NATIVE_UINT8},
           {ScalarKind::kInt16, H5T_NATIVE_INT16},
           {ScalarKind::kUInt16, H5T_NATIVE_UINT16},
           {ScalarKind::kInt32, H5T_NATIVE_INT32},
           {ScalarKind::kUInt32, H5T_NATIVE_UINT32},
           {ScalarKind::kInt64, H5T_NATIVE_INT64},
           {ScalarKind::kUInt64, H5T_NATIVE_UINT64},
           {ScalarKind::kFloat32, H5T_NATIVE_FLOAT},
           {ScalarKind::kFloat64, H5T_NATIVE_DOUBLE}}};
}

// The native kind that holds every value of a type of this class and size; wider and odd types are narrowed to 8 bytes.
ScalarKind containing_kind(H5T_class_t type_class, std::size_t size, bool is_signed) {
  if (type_class == H5T_FLOAT) return size <= 4 ? ScalarKind::kFloat32 : ScalarKind::kFloat64;
  if (size == 1) return is_signed ? ScalarKind::kInt8 : ScalarKind::kUInt8;
  if (size == 2) return is_signed ? ScalarKind::kInt16 : ScalarKind::kUInt16;
  if (size <= 4) return is_signed ? ScalarKind::kInt32 : ScalarKind::kUInt32;
  return is_signed ? ScalarKind::kInt64 : ScalarKind::kUInt64;
}

}  // namespace

Error H5RowReader::damaged(const std::string& what) const {
  return {ErrorCode::kParse, "E-H5-005",
          file_ + ": '" + path_ + "' " + what + "; the file is damaged, copy or download it again"};
}

Result<H5RowReader> H5RowReader::open_shape(const H5Node& dataset, std::size_t window_bytes) {
  H5RowReader reader;
  reader.file_ = dataset.file();
  reader.path_ = dataset.path();
  reader.window_bytes_ = window_bytes;
  reader.dataset_ = H5Handle(H5Dopen2(dataset.id(), ".", H5P_DEFAULT));
  const H5Handle space(reader.dataset_.valid() ? H5Dget_space(reader.dataset_.id()) : -1);
  if (!space.valid() || H5Sget_simple_extent_type(space.id()) == H5S_NULL) {
    return Error{ErrorCode::kParse, "E-H5-004", reader.file_ + ": '" + reader.path_ + "' holds no values"};
  }
  reader.dims_.resize(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space.id()))));
  H5Sget_simple_extent_dims(space.id(), reinterpret_cast<hsize_t*>(reader.dims_.data()), nullptr);
  return reader;
}

Result<H5RowReader> H5RowReader::open(const H5Node& dataset, std::size_t window_bytes) {
  CW_ASSIGN(H5RowReader reader, open_shape(dataset, window_bytes));
  CW_TRY(reader.choose_type(dataset));
  reader.element_bytes_ = scalar_size(reader.kind_);
  CW_TRY(reader.set_extent());
  CW_TRY(reader.choose_path(dataset));
  if (!reader.by_chunks_ && reader.pipeline_.empty()) {
    reader.window_bytes_ = std::min(reader.window_bytes_, kPlainWindowBytes);
  }
  return reader;
}

Result<std::optional<H5RowReader>> H5RowReader::open_stored(const H5Node& dataset, std::size_t element_bytes) {
  CW_ASSIGN(H5RowReader reader, open_shape(dataset, kWindowBytes));
  reader.element_bytes_ = element_bytes;
  reader.native_ = true;
  CW_TRY(reader.set_extent());
  CW_TRY(reader.choose_path(dataset));
  if (!reader.by_chunks_ || reader.dims_.size() != 1) return std::optional<H5RowReader>{};
  return std::optional<H5RowReader>(std::move(reader));
}

Result<> H5RowReader::set_extent() {
  for (std::size_t i = 0; i < dims_.size(); ++i) {
    auto& extent = i == 0 ? num_rows_ : num_columns_;
    if (__builtin_mul_overflow(extent, dims_[i], &extent)) return damaged("has an impossible size");
  }
  if (__builtin_mul_overflow(element_bytes_, num_columns_, &row_bytes_)) return damaged("has an impossible size");
  return {};
}

Result<> H5RowReader::choose_type(const H5Node& dataset) {
  const H5Handle type(H5Dget_type(dataset_.id()));
  const H5T_class_t type_class = H5Tget_class(type.id());
  const bool is_enum = type_class == H5T_ENUM;
  const H5Handle base(is_enum ? H5Tget_super(type.id()) : H5Tcopy(type.id()));
  const std::size_t size = H5Tget_size(base.id());
  if (type_class == H5T_BITFIELD && size == 1) {  // PyTables' booleans
    kind_ = ScalarKind::kUInt8;
    memory_type_ = H5Handle(H5Tcopy(H5T_NATIVE_B8));
    native_ = true;
    return {};
  }
  if (type_class != H5T_INTEGER && type_class != H5T_FLOAT && !is_enum) {
    return Error{ErrorCode::kParse, "E-H5-004", dataset.file() + ": '" + dataset.path() + "' holds no numbers"};
  }
  kind_ = containing_kind(is_enum ? H5T_INTEGER : type_class, size, H5Tget_sign(base.id()) != H5T_SGN_NONE);
  for (const auto& native : native_types()) {
    if (native.kind != kind_) continue;
    native_ = H5Tequal(base.id(), native.type) > 0;
    // an enumeration is read as itself: its numbers are those of the base type
    memory_type_ = H5Handle(is_enum && native_ ? H5Tcopy(type.id()) : H5Tcopy(native.type));
  }
  return {};
}

Result<> H5RowReader::choose_path(const H5Node& dataset) {
  const H5Handle properties(H5Dget_create_plist(dataset_.id()));
  if (!properties.valid()) return damaged("cannot be opened");
  CW_TRY(read_filters(dataset, properties.id()));
  if (H5Pget_layout(properties.id()) != H5D_CHUNKED || dims_.empty() || dims_.size() > 2) return {};
  std::array<hsize_t, 2> chunk{1, 1};
  if (H5Pget_chunk(properties.id(), 2, chunk.data()) < 1) return damaged("has no chunk size");
  hsize_t elements = 0;
  if (__builtin_mul_overflow(chunk[0], chunk[1], &elements) || elements > kMaxChunkBytes / element_bytes_) {
    return damaged("has chunks of more than 2 GiB");
  }
  chunk_rows_ = static_cast<std::int64_t>(chunk[0]);
  chunk_columns_ = static_cast<std::int64_t>(chunk[1]);
  chunk_bytes_ = static_cast<std::size_t>(elements) * element_bytes_;
  // numbers without filters are copied by the library as fast as they are read
  by_chunks_ = native_ && chunk_bytes_ > 0 && (!pipeline_.empty() || !memory_type_.valid()) &&
               std::all_of(pipeline_.begin(), pipeline_.end(),
                           [](const H5Filter& filter) { return can_undo_filter(filter.id); });
  fill_value_.resize(element_bytes_);
  H5D_fill_value_t fill = H5D_FILL_VALUE_DEFAULT;  // zeros; the library converts what is not there, if one asks for it
  const bool has_fill = H5Pfill_value_defined(properties.id(), &fill) >= 0 && fill == H5D_FILL_VALUE_USER_DEFINED;
  if (by_chunks_ && memory_type_.valid() && has_fill)
    H5Pget_fill_value(properties.id(), memory_type_.id(), fill_value_.data());
  CW_ASSIGN(raw_, H5RawFile::open(dataset.id()));
  by_chunks_ = by_chunks_ && raw_.usable();
  return {};
}

Result<> H5RowReader::read_filters(const H5Node& dataset, std::int64_t properties) {
  const int count = H5Pget_nfilters(properties);
  for (int i = 0; i < count; ++i) {
    std::array<unsigned, 32> values{};
    std::size_t num_values = values.size();
    unsigned flags = 0;
    const auto filter =
        H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &num_values, values.data(), 0, nullptr, nullptr);
    if (filter < 0) return damaged("has an unreadable list of filters");
    if (H5Zfilter_avail(filter) <= 0) {
      return Error{ErrorCode::kUnsupported, "E-H5-006",
                   dataset.file() + ": '" + dataset.path() + "' is compressed with " + name_of_hdf5_filter(filter) +
                       ", which is not read here; write the file again with gzip, lzf, lz4, zstd or blosc"};
    }
    num_values = std::min(num_values, values.size());
    pipeline_.push_back({filter, {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(num_values)}});
  }
  return {};
}

Result<const std::byte*> H5RowReader::rows(std::int64_t begin, std::int64_t count) {
  CW_ASSERT(begin >= 0 && count >= 0 && count <= num_rows_ && begin <= num_rows_ - count);
  static constexpr std::byte kNothing{};
  if (count == 0 || row_bytes_ == 0) return &kNothing;
  if (begin < window_begin_ || begin + count > window_end_) CW_TRY(fill(begin, begin + count));
  return window_.get() + static_cast<std::size_t>(begin - window_begin_) * row_bytes_;
}

Result<> H5RowReader::fill(std::int64_t begin, std::int64_t end) {
  // reading on: look ahead further and further; jumping about, as when sampling: read little more than is wanted
  const bool reading_on = begin >= window_begin_ && begin <= window_end_ && window_end_ > 0;
  ahead_bytes_ = reading_on ? std::min(window_bytes_, ahead_bytes_ * 4) : std::min(window_bytes_, kFirstAheadBytes);
  const auto ahead = static_cast<std::int64_t>(ahead_bytes_ / row_bytes_);
  window_begin_ = begin;
  window_end_ = std::min(num_rows_, std::max(end, begin + ahead));
  if (chunk_rows_ > 0 &&
      chunk_rows_ <=
          static_cast<std::int64_t>(window_bytes_ / row_bytes_)) {  // whole chunks, so that none is decoded twice
    window_begin_ = begin / chunk_rows_ * chunk_rows_;
    window_end_ = std::min(num_rows_, (window_end_ + chunk_rows_ - 1) / chunk_rows_ * chunk_rows_);
  }
  if (const auto bytes = static_cast<std::size_t>(window_end_ - window_begin_) * row_bytes_; bytes > window_capacity_) {
    window_.reset();
    window_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
    window_capacity_ = bytes;
  }
  auto result = by_chunks_ ? fill_by_chunks() : fill_by_library();
  if (!result) window_end_ = window_begin_;
  return result;
}

Result<> H5RowReader::fill_by_library() {
  std::vector<hsize_t> start(dims_.size(), 0);
  std::vector<hsize_t> count(dims_.begin(), dims_.end());
  H5Handle file_space(H5Dget_space(dataset_.id()));
  H5Handle memory_space(H5Screate(H5S_SCALAR));
  if (!dims_.empty()) {
    start[0] = static_cast<hsize_t>(window_begin_);
    count[0] = static_cast<hsize_t>(window_end_ - window_begin_);
    H5Sselect_hyperslab(file_space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    memory_space = H5Handle(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr));
  }
  if (H5Dread(dataset_.id(), memory_type_.id(), memory_space.id(), file_space.id(), H5P_DEFAULT, window_.get()) < 0) {
    return damaged("cannot be read (" + h5_last_message() + ")");
  }
  return {};
}

Result<> H5RowReader::fill_by_chunks() {
  const auto per_batch =
      std::max<std::int64_t>(effective_threads(0), static_cast<std::int64_t>(window_bytes_ / chunk_bytes_));
  std::int64_t waiting = 0;
  for (std::int64_t row = window_begin_ / chunk_rows_ * chunk_rows_; row < window_end_; row += chunk_rows_) {
    for (std::int64_t column = 0; column < num_columns_; column += chunk_columns_) {
      if (static_cast<std::int64_t>(batch_.size()) <= waiting) batch_.emplace_back();
      Chunk& chunk = batch_[static_cast<std::size_t>(waiting)];
      chunk.row = row;
      chunk.column = column;
      CW_TRY(load(chunk));
      if (++waiting == per_batch) {
        CW_TRY(decode(waiting));
        waiting = 0;
      }
    }
  }
  return decode(waiting);
}

Result<> H5RowReader::load(Chunk& chunk) {
  const std::array<hsize_t, 2> offset{static_cast<hsize_t>(chunk.row), static_cast<hsize_t>(chunk.column)};
  haddr_t address = HADDR_UNDEF;
  hsize_t stored = 0;  // of a chunk that was never written
  chunk.skipped = 0;
  // Where a chunk lies is only told by a walk through all chunks before it (library 1.10), its size by one search. But
  // reading it by the library is safe only where both functions take the size from the same place, and that is with
  // filters.
  const bool filtered = !pipeline_.empty();
  if ((filtered ? H5Dget_chunk_storage_size(dataset_.id(), offset.data(), &stored)
                : H5Dget_chunk_info_by_coord(dataset_.id(), offset.data(), &chunk.skipped, &address, &stored)) < 0) {
    return damaged("has an unreadable list of chunks (" + h5_last_message() + ")");
  }
  if (!filtered && address == HADDR_UNDEF) stored = 0;
  if (stored > raw_.size() || stored > kMaxChunkBytes) return damaged("has a chunk that is larger than the file");
  chunk.bytes.resize(static_cast<std::size_t>(stored));
  if (stored == 0) return {};
  if (filtered ? H5Dread_chunk(dataset_.id(), H5P_DEFAULT, offset.data(), &chunk.skipped, chunk.bytes.data()) < 0
               : !raw_.read(address, chunk.bytes.size(), chunk.bytes.data())) {
    return damaged("has a chunk that cannot be read; it may lie behind the end of the file");
  }
  return {};
}

Result<> H5RowReader::decode(std::int64_t num_chunks) {
  scratch_.resize(static_cast<std::size_t>(effective_threads(0)));
  std::atomic<bool> failed{false};
  const auto grain = std::max<std::int64_t>(1, static_cast<std::int64_t>((std::size_t{1} << 18U) / chunk_bytes_));
  parallel_for(0, num_chunks, grain, 0, [&](std::int64_t begin, std::int64_t end, int worker) {
    for (std::int64_t i = begin; i < end; ++i) {
      Chunk& chunk = batch_[static_cast<std::size_t>(i)];
      if (!chunk.bytes.empty() && !undo_filters(pipeline_, chunk.skipped, chunk_bytes_, chunk.bytes,
                                                scratch_[static_cast<std::size_t>(worker)])) {
        failed = true;
        return;
      }
      place(chunk);
    }
  });
  if (failed) return damaged("has a chunk that does not decompress");
  return {};
}

void H5RowReader::place(const Chunk& chunk) {
  const std::size_t size = element_bytes_;
  const auto columns = static_cast<std::size_t>(std::min(chunk_columns_, num_columns_ - chunk.column));
  const std::int64_t first = std::max(chunk.row, window_begin_);
  const std::int64_t last = std::min(chunk.row + chunk_rows_, window_end_);
  for (std::int64_t row = first; row < last; ++row) {
    std::byte* to = window_.get() + static_cast<std::size_t>(row - window_begin_) * row_bytes_ +
                    static_cast<std::size_t>(chunk.column) * size;
    const std::size_t from =
        static_cast<std::size_t>(row - chunk.row) * static_cast<std::size_t>(chunk_columns_) * size;
    if (chunk.bytes.empty()) {  // never written: the fill value
      for (std::size_t i = 0; i < columns; ++i) std::memcpy(to + i * size, fill_value_.data(), size);
    } else if (num_columns_ == 1 && chunk_columns_ == 1) {  // one dimension: all rows lie together
      std::memcpy(to, chunk.bytes.data() + from, static_cast<std::size_t>(last - first) * size);
      return;
    } else {
      std::memcpy(to, chunk.bytes.data() + from, columns * size);
    }
  }
}

}  // namespace cw
