// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/option_texts.h"

#include "core/api/option_json.h"

#include <charconv>
#include <filesystem>
#include <sstream>

namespace cw {
namespace {

bool parse_number(const std::string& text, std::int64_t& value) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() && value >= 0;
}

}  // namespace

void make_absolute(std::string& path) {
  if (!path.empty()) path = std::filesystem::absolute(path).lexically_normal().string();
}

Result<std::map<std::string, std::vector<std::string>>> parse_filters(const std::vector<std::string>& texts) {
  std::map<std::string, std::vector<std::string>> filters;
  for (const auto& text : texts) {
    const auto equal_sign = text.find('=');
    if (equal_sign == std::string::npos || equal_sign == 0 || equal_sign + 1 == text.size()) {
      return option_error("--filter", text, "COLUMN=VALUE[,VALUE..]");
    }
    auto& values = filters[text.substr(0, equal_sign)];
    std::istringstream list(text.substr(equal_sign + 1));
    for (std::string value; std::getline(list, value, ',');) values.push_back(value);
  }
  return filters;
}

Result<std::pair<std::int64_t, std::int64_t>> parse_range(const std::string& text) {
  std::pair<std::int64_t, std::int64_t> range = {0, -1};
  const auto colon = text.find(':');
  const bool ok = colon != std::string::npos && (colon == 0 || parse_number(text.substr(0, colon), range.first)) &&
                  (colon + 1 == text.size() || parse_number(text.substr(colon + 1), range.second));
  if (!ok) return option_error("--cells", text, "A:B, counted from 0, B not included");
  return range;
}

Result<std::pair<std::int64_t, std::int64_t>> parse_shard(const std::string& text) {
  std::pair<std::int64_t, std::int64_t> shard = {1, 1};
  const auto slash = text.find('/');
  const bool ok = slash != std::string::npos && parse_number(text.substr(0, slash), shard.first) &&
                  parse_number(text.substr(slash + 1), shard.second);
  if (!ok) return option_error("--shard", text, "i/n: part i, counted from 1, of n");
  return shard;
}

}  // namespace cw
