// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/options_file.h"

#include <algorithm>

namespace cw {

Result<Json> with_values(const CLI::App& command, const Json& values, const std::string& where, Json options) {
  for (const auto& [key, value] : values.items()) {
    std::string name = "--" + key;
    std::replace(name.begin(), name.end(), '_', '-');
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr || !options.contains(key)) {
      return Error{ErrorCode::kInvalidArgument, "E-ARG-005",
                   std::string(where).append(": '").append(key).append("' is no option of this command; see --help")};
    }
    if (option->count() == 0) options[key] = value;
  }
  return options;
}

Result<Json> with_options_file(const CLI::App& command, const std::string& file, Json options) {
  if (file.empty()) return options;
  CW_ASSIGN(const Json given, read_json(file));
  if (!given.is_object()) {
    return Error{ErrorCode::kParse, "E-ARG-004", file + R"(: holds no options; expected {"learning_rate": 3e-5, ...})"};
  }
  return with_values(command, given, file, std::move(options));
}

}  // namespace cw
