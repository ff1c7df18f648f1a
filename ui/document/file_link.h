// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace cw::ui {

/// A file outside the project as it was when it was linked. Folders (10x) have neither size nor time of their own:
/// those of the newest file in them stand for it.
struct FileLink {
  std::filesystem::path path;
  std::int64_t bytes = -1;    ///< -1 = the file is not there
  std::int64_t modified = 0;  ///< nanoseconds of the file system's clock
  std::string sha256;         ///< "" until it was computed
};

/// What is on disk now; the checksum stays empty.
[[nodiscard]] FileLink link_of(const std::filesystem::path& path);
[[nodiscard]] Json to_json(const FileLink& link);
/// Tolerates missing fields: older links know less.
[[nodiscard]] FileLink file_link_from_json(const Json& json);

enum class LinkState {
  kSame,     ///< size and time are those of the link
  kTouched,  ///< the time is another: only the checksum can tell whether the content is
  kMissing,  ///< not there, or not readable
  kChanged,  ///< another size: other content
};

/// Compares with the disk, without reading the file.
[[nodiscard]] LinkState check_link(const FileLink& link);

}  // namespace cw::ui
