// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace cw {

/// A zip archive; its content refers to the bytes given. Zip64 is read.
struct StoredZip {
  std::map<std::string, std::span<const std::byte>, std::less<>> entries;  ///< those that are not compressed
  std::string compressed;  ///< name of a compressed or encrypted entry, if there is any: it is not read
};

/// True if `file` begins as a zip archive does.
[[nodiscard]] bool looks_like_zip(std::span<const std::byte> file) noexcept;

/// Reads the central directory and checks every entry against its own header. PyTorch stores its checkpoints so.
/// Errors: kParse (damaged, truncated, a name twice), kUnsupported (split archives).
[[nodiscard]] Result<StoredZip> parse_stored_zip(std::span<const std::byte> file, std::string_view where);

}  // namespace cw
