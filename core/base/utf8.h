// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace cw {

/// `text` with every byte that is not UTF-8 as \xE9: for messages, and equal to `text` if that is UTF-8 (RFC 3629).
[[nodiscard]] std::string utf8_with_escapes(std::string_view text);

}  // namespace cw
