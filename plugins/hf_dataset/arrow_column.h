// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/hf_dataset/arrow_file.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

namespace cw {

/// One column of one batch, decompressed if need be and checked: every buffer is as long as the rows ask for, offsets
/// ascend and stay inside their data.
class ArrowColumn {
 public:
  /// Column `place` of a record batch. Errors: kParse, kUnsupported (unknown layout or compression).
  [[nodiscard]] static Result<ArrowColumn> load(const ArrowFile& file, const ArrowBatch& batch, std::size_t place);
  /// The values of a dictionary batch for the column `field`. Errors: as `load`.
  [[nodiscard]] static Result<ArrowColumn> load_dictionary(const ArrowFile& file, const ArrowBatch& batch,
                                                           const ArrowField& field);

  ArrowColumn(ArrowColumn&&) noexcept = default;
  ArrowColumn& operator=(ArrowColumn&&) noexcept = default;
  ArrowColumn(const ArrowColumn&) = delete;
  ArrowColumn& operator=(const ArrowColumn&) = delete;

  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  [[nodiscard]] bool is_null(std::int64_t row) const noexcept;
  /// Of kInteger columns and dictionary indices.
  [[nodiscard]] std::int64_t integer(std::int64_t row) const noexcept;
  /// Of kReal columns.
  [[nodiscard]] double real(std::int64_t row) const noexcept;
  [[nodiscard]] bool boolean(std::int64_t row) const noexcept;
  /// Of kText and kLargeText columns.
  [[nodiscard]] std::string_view text(std::int64_t row) const noexcept;
  /// Of lists: rows [first, last) of `items()`.
  struct Range {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  [[nodiscard]] Range list(std::int64_t row) const noexcept;
  [[nodiscard]] const ArrowColumn& items() const noexcept { return children_.front(); }

 private:
  ArrowColumn() = default;
  struct Cursor;  ///< which node and buffer of the batch comes next
  static Result<ArrowColumn> load_from(Cursor& cursor, const ArrowField& field);
  Result<> load_values(Cursor& cursor, const ArrowField& field);
  Result<> load_offsets(Cursor& cursor, std::int64_t limit);
  [[nodiscard]] std::int64_t offset(std::int64_t row) const noexcept;

  ArrowKind kind_ = ArrowKind::kOther;
  int bit_width_ = 0;
  bool is_signed_ = true;
  bool wide_offsets_ = false;
  std::int64_t size_ = 0;
  std::span<const std::byte> validity_;  ///< empty: none is null
  std::span<const std::byte> offsets_;
  std::span<const std::byte> values_;
  std::vector<ArrowColumn> children_;
  std::deque<std::vector<std::byte>> decompressed_;
};

}  // namespace cw
