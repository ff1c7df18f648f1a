// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/io/hdf5_filters.h"
#include "core/io/hdf5_node.h"
#include "core/io/scalar_kind.h"
#include "plugins/sdk/hdf5/raw_file.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// Reads a numeric dataset by ranges of rows (first dimension), in constant memory. Chunks with the filters of
/// `can_undo_filter` are decoded by several threads; everything else goes through the library.
class H5RowReader {
 public:
  /// What is decoded ahead, at most, unless one call asks for more.
  static constexpr std::size_t kWindowBytes = std::size_t{16} << 20U;

  /// Errors: kParse E-H5-004 (no numbers), kUnsupported E-H5-006 (unknown filter).
  [[nodiscard]] static Result<H5RowReader> open(const H5Node& dataset, std::size_t window_bytes = kWindowBytes);

  /// The same for elements of any type, as the file stores them: `element_bytes` each. Only data in chunks of one
  /// dimension with known filters; nullopt for all others.
  [[nodiscard]] static Result<std::optional<H5RowReader>> open_stored(const H5Node& dataset, std::size_t element_bytes);

  [[nodiscard]] std::int64_t num_rows() const noexcept { return num_rows_; }
  /// Product of the other dimensions, 1 for one-dimensional data.
  [[nodiscard]] std::int64_t num_columns() const noexcept { return num_columns_; }
  [[nodiscard]] ScalarKind kind() const noexcept { return kind_; }

  /// Rows [begin, begin + count) in row-major order as numbers of `kind()`; valid until the next call.
  /// Errors: kParse E-H5-005 (a chunk does not decode), kIo.
  [[nodiscard]] Result<const std::byte*> rows(std::int64_t begin, std::int64_t count);

 private:
  struct Chunk {
    std::int64_t row = 0, column = 0;  // place of its first element
    std::vector<std::byte> bytes;
    std::uint32_t skipped = 0;  // filters that were not applied
    bool damaged = false;
  };

  H5RowReader() = default;
  static Result<H5RowReader> open_shape(const H5Node& dataset, std::size_t window_bytes);
  Result<> set_extent();
  Result<> choose_type(const H5Node& dataset);
  Result<> choose_path(const H5Node& dataset);
  Result<> read_filters(const H5Node& dataset, std::int64_t properties);
  Result<> fill(std::int64_t begin, std::int64_t end);
  Result<> fill_by_library();
  Result<> fill_by_chunks();
  Result<> load(Chunk& chunk);
  Result<> decode(std::int64_t num_chunks);
  void place(const Chunk& chunk);
  [[nodiscard]] Error damaged(const std::string& what) const;

  std::string file_, path_;
  H5Handle dataset_, memory_type_;
  ScalarKind kind_ = ScalarKind::kFloat32;
  std::size_t element_bytes_ = 0;
  std::vector<std::uint64_t> dims_;
  std::int64_t num_rows_ = 1, num_columns_ = 1;
  std::size_t row_bytes_ = 0, window_bytes_ = kWindowBytes, ahead_bytes_ = 0;

  bool native_ = false;     // elements lie in the file as they do in memory
  bool by_chunks_ = false;  // chunks are read and decoded by ourselves
  std::int64_t chunk_rows_ = 0, chunk_columns_ = 1;
  std::size_t chunk_bytes_ = 0;
  H5RawFile raw_;
  std::vector<H5Filter> pipeline_;
  std::vector<std::byte> fill_value_;

  std::unique_ptr<std::byte[]> window_;  // not a vector, which would fill and copy what is overwritten anyway
  std::size_t window_capacity_ = 0;
  std::int64_t window_begin_ = 0, window_end_ = 0;
  std::vector<Chunk> batch_;
  std::vector<std::vector<std::byte>> scratch_;  // one per worker
};

}  // namespace cw
