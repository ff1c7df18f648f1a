// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/json.h"

#include "core/base/files.h"

namespace cw {

Result<Json> parse_json(std::string_view text, std::string_view where) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-IO-010", std::string(where) + ": not valid JSON: " + problem.what()};
  }
}

Result<Json> read_json(const std::filesystem::path& path) {
  CW_ASSIGN(const std::string text, read_file(path));
  return parse_json(text, path.string());
}

Result<> write_json(const std::filesystem::path& path, const Json& value) {
  return write_file_atomically(path, value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace cw
