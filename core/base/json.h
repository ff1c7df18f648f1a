// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string_view>

namespace cw {

/// JSON whose objects keep the order in which keys were added, so that files are readable and comparable.
using Json = nlohmann::ordered_json;

/// Parses `text`; `where` (a file name) goes into the error. Errors: kParse.
[[nodiscard]] Result<Json> parse_json(std::string_view text, std::string_view where);

/// Reads and parses a whole file. Errors: kNotFound, kIo, kParse.
[[nodiscard]] Result<Json> read_json(const std::filesystem::path& path);

/// Writes atomically, indented by two, with a newline at the end. Errors: kIo, kNoSpace.
Result<> write_json(const std::filesystem::path& path, const Json& value);

}  // namespace cw
