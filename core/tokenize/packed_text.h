// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace cw {

/// The whole text of a file, inflated if it is gzip (by its first bytes, whatever its name).
/// Errors: kNotFound, kIo, kParse E-DICT-002 (damaged gzip).
[[nodiscard]] Result<std::string> read_packed_text(const std::filesystem::path& path);

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
