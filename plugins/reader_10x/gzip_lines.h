// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace cw {

/// Reads a text file line by line, plain or gzip (told from its content).
class GzipLines {
 public:
  /// Errors: kNotFound, kIo.
  [[nodiscard]] static Result<GzipLines> open(const std::filesystem::path& path);
  GzipLines(GzipLines&&) noexcept;
  GzipLines& operator=(GzipLines&&) noexcept;
  ~GzipLines();

  /// Sets `line` (valid until the next call, without the line end) and returns true; false at the end of the file.
  /// Errors: kParse (damaged or truncated gzip, a line longer than 1 MB), kIo.
  Result<bool> next(std::string_view& line);
  [[nodiscard]] std::int64_t line_number() const noexcept { return line_number_; }

 private:
  struct Stream;
  explicit GzipLines(std::unique_ptr<Stream> stream);
  Result<> refill();

  std::unique_ptr<Stream> stream_;
  std::string where_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool at_end_ = false;
  std::int64_t line_number_ = 0;
};

}  // namespace cw
