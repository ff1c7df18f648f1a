// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/mapped_file.h"
#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// A sorted tab-separated table on disk that is searched by its first field. It stays the text that it is in the file:
/// opening it reads nothing, and finding a name touches a few of its pages, however many names there are.
class NameTable {
 public:
  NameTable() = default;
  /// Lines end with LF and are sorted bytewise by their first field, without repeats; a table that is not answers
  /// "not found" for names that it has (a test reads through every table that ships).
  /// Errors: kNotFound, kIo, kParse E-DICT-002 (does not end with a whole line).
  [[nodiscard]] static Result<NameTable> load(const std::filesystem::path& path);

  /// The line, without LF, whose first field equals `name`. Cost: O(log size).
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// All lines.
  [[nodiscard]] std::string_view text() const noexcept;

 private:
  explicit NameTable(MappedFile file) : file_(std::move(file)) {}

  std::optional<MappedFile> file_;
};

/// Names of `table` most like `name` (already upper case), the best first, at most `count`: for "did you mean".
[[nodiscard]] std::vector<std::string> similar_names(const NameTable& table, std::string_view name, std::size_t count);

}  // namespace cw
