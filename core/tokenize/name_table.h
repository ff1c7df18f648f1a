// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// A sorted tab-separated table that is searched by its first field. It stays the text that it is in the file: a table
/// of a hundred thousand names is ready a few milliseconds after opening, without one allocation per name.
class NameTable {
 public:
  NameTable() = default;
  /// Lines must be sorted bytewise by their first field. Errors: kNotFound, kIo, kParse E-DICT-002.
  [[nodiscard]] static Result<NameTable> load(const std::filesystem::path& path);

  [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(starts_.size()); }
  [[nodiscard]] std::string_view line(std::int64_t row) const noexcept;
  [[nodiscard]] std::string_view name(std::int64_t row) const noexcept;
  /// Row whose first field equals `name`.
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view name) const noexcept;

 private:
  std::string text_;
  std::vector<std::uint32_t> starts_;
};

/// Names of `table` most like `name` (already upper case), the best first, at most `count`: for "did you mean".
[[nodiscard]] std::vector<std::string> similar_names(const NameTable& table, std::string_view name, std::size_t count);

}  // namespace cw
