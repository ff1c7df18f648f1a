// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/sdk/hdf5/stored_elements.h"

#include "plugins/sdk/hdf5/hdf5_file.h"

#include <hdf5.h>

#include <algorithm>
#include <array>

namespace cw::sdk {
namespace {

constexpr std::uint64_t kLargestChunk = std::uint64_t{1} << 31U;
constexpr std::uint64_t kHarmless = std::uint64_t{64} << 20U;
constexpr std::uint64_t kLargestRatio = 2000;  // of gzip

/// A data set of one chunk in memory with the filters of another one, but of elements that are not converted: what is
/// stored there comes back without its filters.
class ChunkDecoder {
 public:
  ChunkDecoder(std::int64_t properties, hsize_t chunk_rows, std::size_t element_bytes) {
    const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_fapl_core(access.get(), 1U << 20U, 0);
    file_ = Hdf5Id(H5Fcreate("chunk", H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
    type_ = Hdf5Id(H5Tcreate(H5T_OPAQUE, element_bytes));
    const Hdf5Id space(H5Screate_simple(1, &chunk_rows, nullptr));
    const Hdf5Id creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(creation.get(), 1, &chunk_rows);
    for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
      std::array<unsigned, 32> values{};
      std::size_t count = values.size();
      unsigned flags = 0;
      const auto filter =
          H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &count, values.data(), 0, nullptr, nullptr);
      if (filter < 0 || H5Zfilter_avail(filter) <= 0 || count > values.size() ||
          H5Pset_filter(creation.get(), filter, flags, count, values.data()) < 0) {
        return;
      }
    }
    data_ =
        Hdf5Id(H5Dcreate2(file_.get(), "chunk", type_.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
  }

  [[nodiscard]] bool decode(std::vector<std::byte>& stored, unsigned skipped_filters, std::byte* out) {
    const hsize_t begin = 0;
    if (!data_.ok() ||
        H5Dwrite_chunk(data_.get(), H5P_DEFAULT, skipped_filters, &begin, stored.size(), stored.data()) < 0) {
      return false;
    }
    // an open data set remembers which filters its last chunk had skipped before it was replaced (1.10)
    data_ = Hdf5Id();
    data_ = Hdf5Id(H5Dopen2(file_.get(), "chunk", H5P_DEFAULT));
    return data_.ok() && H5Dread(data_.get(), type_.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
  }

 private:
  Hdf5Id file_;
  Hdf5Id type_;
  Hdf5Id data_;
};

bool read_contiguous(const H5RawFile& file, std::int64_t dataset, std::vector<std::byte>& elements) {
  const haddr_t offset = H5Dget_offset(dataset);
  if (offset == HADDR_UNDEF) return H5Dget_storage_size(dataset) == 0;  // never written
  return H5Dget_storage_size(dataset) == elements.size() && file.read(offset, elements.size(), elements.data());
}

bool read_chunks(const H5RawFile& file, std::int64_t dataset, std::int64_t properties, std::size_t element_bytes,
                 std::vector<std::byte>& elements) {
  hsize_t chunk_rows = 0;
  if (H5Pget_chunk(properties, 1, &chunk_rows) != 1 || chunk_rows == 0 || chunk_rows > kLargestChunk / element_bytes) {
    return false;
  }
  const bool filtered = H5Pget_nfilters(properties) > 0;
  const std::uint64_t chunk_bytes = chunk_rows * element_bytes;
  ChunkDecoder decoder(properties, chunk_rows, element_bytes);
  std::vector<std::byte> stored;
  std::vector<std::byte> chunk(chunk_bytes);
  for (hsize_t begin = 0; begin < elements.size() / element_bytes; begin += chunk_rows) {
    hsize_t size = 0;
    haddr_t address = HADDR_UNDEF;
    unsigned skipped = 0;
    if ((filtered ? H5Dget_chunk_storage_size(dataset, &begin, &size)
                  : H5Dget_chunk_info_by_coord(dataset, &begin, &skipped, &address, &size)) < 0) {
      return false;
    }
    if (size == 0 || (!filtered && address == HADDR_UNDEF)) continue;  // never written: empty texts
    if (size > file.size() || (!filtered && size != chunk_bytes)) return false;
    stored.resize(size);
    if (filtered) {
      if (H5Dread_chunk(dataset, H5P_DEFAULT, &begin, &skipped, stored.data()) < 0 ||
          !decoder.decode(stored, skipped, chunk.data())) {
        return false;
      }
    } else if (!file.read(address, size, chunk.data())) {
      return false;
    }
    const std::size_t at = begin * element_bytes;
    std::copy_n(chunk.data(), std::min<std::size_t>(chunk_bytes, elements.size() - at), elements.data() + at);
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::byte>> stored_elements(const H5RawFile& file, std::int64_t dataset, std::uint64_t rows,
                                                      std::size_t element_bytes) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(rows, element_bytes, &bytes)) return std::nullopt;
  if (bytes > kHarmless && bytes / kLargestRatio > H5Dget_storage_size(dataset)) return std::nullopt;
  const Hdf5Id properties(H5Dget_create_plist(dataset));
  std::vector<std::byte> elements(bytes);
  const auto layout = H5Pget_layout(properties.get());
  const bool read = layout == H5D_CONTIGUOUS ? read_contiguous(file, dataset, elements)
                    : layout == H5D_CHUNKED  ? read_chunks(file, dataset, properties.get(), element_bytes, elements)
                                             : false;
  if (!read) return std::nullopt;
  return elements;
}

}  // namespace cw::sdk
