// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace cw {

/// The words of a message: "a, b, c", or "none" where there are none. Of more than `most` the first ones, and how many
/// there are: "a, b, ... (7 in all)".
template <class Words>
[[nodiscard]] std::string listed(const Words& words, std::size_t most = std::numeric_limits<std::size_t>::max()) {
  std::string text;
  std::size_t count = 0;
  for (const auto& word : words) {
    if (count == most) return text + ", ... (" + std::to_string(words.size()) + " in all)";
    if (count++ > 0) text += ", ";
    text += std::string_view(word);
  }
  return count == 0 ? "none" : text;
}

}  // namespace cw
