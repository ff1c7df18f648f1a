// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/mapped_file.h"
#include "core/base/result.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cw {

/// The whole text of a file: as it lies on the disk, or inflated if it is gzip (by its first bytes, whatever its name).
class PackedText {
 public:
  /// Errors: kNotFound, kIo, kParse E-DICT-002 (damaged gzip).
  [[nodiscard]] static Result<PackedText> open(const std::filesystem::path& path);
  /// Valid as long as this object.
  [[nodiscard]] std::string_view text() const noexcept;

 private:
  explicit PackedText(MappedFile file) : file_(std::move(file)) {}

  MappedFile file_;
  std::optional<std::string> inflated_;
};

/// The first `N` tab-separated fields of a line; missing ones are empty.
template <std::size_t N>
[[nodiscard]] std::array<std::string_view, N> tab_fields(std::string_view line) {
  std::array<std::string_view, N> fields;
  for (auto& field : fields) {
    const auto tab = line.find('\t');
    field = line.substr(0, tab);
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  return fields;
}

/// ASCII letters in upper case; gene names have no others that matter.
[[nodiscard]] std::string to_upper(std::string_view text);

}  // namespace cw
