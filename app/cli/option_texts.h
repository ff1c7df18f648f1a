// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cw {

/// Names a file so that it does not depend on the present folder: the engine may run elsewhere and later. "" stays "".
void make_absolute(std::string& path);

/// "COLUMN=V[,V..]" given once or several times. Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<std::map<std::string, std::vector<std::string>>> parse_filters(
    const std::vector<std::string>& texts);

/// "A:B", "A:" or ":B" as first and one past the last, -1 = open. Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<std::pair<std::int64_t, std::int64_t>> parse_range(const std::string& text);

/// "I/N" as part and number of parts. Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<std::pair<std::int64_t, std::int64_t>> parse_shard(const std::string& text);

}  // namespace cw
