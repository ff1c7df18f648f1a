// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

struct gzFile_s;

namespace cw {

/// Reads a text file, gzipped or not, record by record: a record is a line, or several if a quoted field holds line
/// ends.
class TextRecords {
 public:
  /// Errors: kNotFound, kIo.
  [[nodiscard]] static Result<TextRecords> open(const std::filesystem::path& path);
  TextRecords(TextRecords&& other) noexcept;
  TextRecords& operator=(TextRecords&& other) noexcept;
  TextRecords(const TextRecords&) = delete;
  TextRecords& operator=(const TextRecords&) = delete;
  ~TextRecords();

  /// The next record without its line end, valid until the next call; false at the end of the file. Empty lines are
  /// skipped. Errors: kParse E-CSV-001 (no text, damaged gzip).
  [[nodiscard]] Result<bool> next(std::string_view& record);

  /// Number of the line that the last record began on, from 1.
  [[nodiscard]] std::int64_t line() const noexcept { return record_line_; }

 private:
  explicit TextRecords(std::string name) : name_(std::move(name)) {}
  Result<bool> next_line(std::string_view& line);
  Result<> refill();
  [[nodiscard]] Error no_text(const std::string& why) const;

  std::string name_;
  gzFile_s* file_ = nullptr;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false;
  std::string joined_;
  std::int64_t line_ = 0, record_line_ = 0;
};

/// Splits a record at `delimiter` (a space stands for any run of spaces), undoing quotes. The views point into the
/// record or into `unquoted`.
void split_record(std::string_view record, char delimiter, std::vector<std::string_view>& fields,
                  std::vector<std::string>& unquoted);

/// The first field only.
[[nodiscard]] std::string first_field(std::string_view record, char delimiter);

/// The delimiter that a header and the record below it were written with; 0 if there is none.
[[nodiscard]] char detect_delimiter(std::string_view header, std::string_view record);

/// Number of a field; NaN for empty fields, NA and nan. False if it is no number. A decimal comma is understood where
/// the comma is not the delimiter.
[[nodiscard]] bool parse_number(std::string_view field, char delimiter, double& value);

}  // namespace cw
