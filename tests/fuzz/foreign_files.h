// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

namespace cw::fuzz {

/// A kind of file that the programs take from outside, and what they do with one.
struct FileKind {
  std::string_view name;
  std::function<void(const std::filesystem::path&)> read;
  /// Makes whole files of a kind of our own; empty for kinds whose files are in the test data.
  std::function<std::vector<std::filesystem::path>(const std::filesystem::path& folder)> make;
};

/// "data", "tokens", "effects", "model", "dictionary", "job".
[[nodiscard]] const std::vector<FileKind>& file_kinds();

}  // namespace cw::fuzz
