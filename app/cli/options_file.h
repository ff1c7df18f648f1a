// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <CLI/CLI.hpp>

#include <string>

namespace cw {

/// `options` with `values` for those that were not typed on the command line. Errors: kInvalidArgument E-ARG-005 (a key
/// that is no option of `command`; `where` names the values).
[[nodiscard]] Result<Json> with_values(const CLI::App& command, const Json& values, const std::string& where,
                                       Json options);

/// `options` with the values of a JSON file ({"learning_rate": 3e-5, ...}, such as best.json of a search), but for
/// those that were typed on the command line. `file` empty: as they are. Errors: those of reading the file; kParse
/// E-ARG-004 (no object), kInvalidArgument E-ARG-005 (a key that is no option of `command`).
[[nodiscard]] Result<Json> with_options_file(const CLI::App& command, const std::string& file, Json options);

}  // namespace cw
