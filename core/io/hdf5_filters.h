// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// One step of the filter pipeline of an HDF5 dataset.
struct H5Filter {
  int id = 0;                             ///< registered number: 1 deflate, 2 shuffle, 32000 lzf, ...
  std::vector<std::uint32_t> parameters;  ///< client data as stored in the file
};

/// Upper bound of a decompressed chunk: larger claims are treated as damage.
inline constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 31;

/// Makes lzf (32000), blosc (32001), lz4 (32004) and zstd (32015) known to the HDF5 library, for reading. Called once.
void register_hdf5_filters();

/// True if `undo_filters` knows this filter itself, so that chunks can be decoded by several threads.
[[nodiscard]] bool can_undo_filter(int id) noexcept;

/// Undoes the pipeline of one stored chunk in place. Bit i of `skipped` says that filter i was not applied to it.
/// `chunk_bytes` is the size that the chunk must have in the end. False: the bytes are damaged.
/// May be called by several threads at once.
[[nodiscard]] bool undo_filters(const std::vector<H5Filter>& pipeline, std::uint32_t skipped, std::size_t chunk_bytes,
                                std::vector<std::byte>& bytes, std::vector<std::byte>& scratch);

/// "gzip", "blosc2", "filter 12345": for messages.
[[nodiscard]] std::string name_of_hdf5_filter(int id);

}  // namespace cw
