// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/json.h"

#include "core/base/files.h"

namespace cw {
namespace {

// "parse error at line 1, column 9: ..." without the parser's own number in front, and without the last bytes read,
// which of a file that is no text are no text either.
std::string reason_of(const Json::exception& problem) {
  std::string reason = problem.what();
  if (const auto end = reason.find("] "); end != std::string::npos) reason.erase(0, end + 2);
  if (const auto bytes = reason.find("; last read"); bytes != std::string::npos) reason.erase(bytes);
  return reason;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view where) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    return Error{
        ErrorCode::kParse, "E-IO-010",
        std::string(where) + ": not valid JSON: " + reason_of(problem) + "; it is damaged, or another file is meant"};
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
