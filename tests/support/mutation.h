// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <random>
#include <string>

namespace cw {

/// A copy of `content` with a few random changes of the kinds that break readers: other bytes, extreme numbers, parts
/// removed, repeated or cut off. Equal for equal generator states.
inline std::string mutated(std::string content, std::mt19937_64& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % (limit + 1)); };
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes && !content.empty(); ++i) {
    const std::size_t place = below(content.size() - 1);
    const std::size_t length = 1 + below(15);
    switch (random() % 6) {
      case 0:
        content[place] = static_cast<char>(random());
        break;
      case 1:
        content[place] = static_cast<char>(content[place] ^ (1 << (random() % 8)));
        break;
      case 2:
        content.replace(place, 4, random() % 2 == 0 ? std::string(4, '\xff') : std::string("\xff\xff\xff\x7f"));
        break;
      case 3:
        content.erase(place, length);
        break;
      case 4:
        content.insert(place, content.substr(below(content.size() - 1), length));
        break;
      default:
        if (random() % 4 == 0) content.resize(place);
    }
  }
  return content;
}

}  // namespace cw
