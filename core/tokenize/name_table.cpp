// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/name_table.h"

#include "core/tokenize/packed_text.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace cw {
namespace {

/// Levenshtein distance, or `limit` + 1 as soon as it is larger.
int edit_distance(std::string_view a, std::string_view b, int limit) {
  if (std::abs(static_cast<int>(a.size()) - static_cast<int>(b.size())) > limit) return limit + 1;
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    int diagonal = std::exchange(row[0], static_cast<int>(i) + 1);
    int best = row[0];
    for (std::size_t j = 0; j < b.size(); ++j) {
      const int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j + 1] + 1, row[j] + 1});
      best = std::min(best, row[j + 1]);
    }
    if (best > limit) return limit + 1;
  }
  return row[b.size()];
}

}  // namespace

Result<NameTable> NameTable::load(const std::filesystem::path& path) {
  NameTable table;
  CW_ASSIGN(table.text_, read_packed_text(path));
  if (!table.text_.empty() && table.text_.back() != '\n') table.text_.push_back('\n');
  if (table.text_.size() > UINT32_MAX) {
    return Error{ErrorCode::kUnsupported, "E-DICT-002", path.string() + " is larger than 4 GiB"};
  }
  const char* begin = table.text_.data();
  const char* end = begin + table.text_.size();
  table.starts_.reserve(table.text_.size() / 16);
  for (const char* line = begin; line != end;) {
    table.starts_.push_back(static_cast<std::uint32_t>(line - begin));
    line = static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line))) + 1;
  }
  for (std::int64_t row = 1; row < table.size(); ++row) {
    if (table.name(row - 1) >= table.name(row)) {
      return Error{ErrorCode::kParse, "E-DICT-002",
                   path.string() + " is not sorted at line " + std::to_string(row + 1) + " (\"" +
                       std::string(table.name(row)) + "\"); sort it bytewise by its first column"};
    }
  }
  return table;
}

std::string_view NameTable::line(std::int64_t row) const noexcept {
  const auto i = static_cast<std::size_t>(row);
  const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : text_.size();
  return std::string_view(text_).substr(starts_[i], end - starts_[i] - 1);
}

std::string_view NameTable::name(std::int64_t row) const noexcept {
  const auto text = line(row);
  return text.substr(0, text.find('\t'));
}

std::optional<std::int64_t> NameTable::find(std::string_view name) const noexcept {
  std::int64_t low = 0;
  std::int64_t high = size();
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (this->name(middle) < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < size() && this->name(low) == name) return low;
  return std::nullopt;
}

std::vector<std::string> similar_names(const NameTable& table, std::string_view name, std::size_t count) {
  const int limit = name.size() <= 3 ? 1 : 2;
  std::vector<std::pair<int, std::string>> found;
  for (std::int64_t row = 0; row < table.size(); ++row) {
    const auto candidate = table.name(row);
    const int distance = edit_distance(name, candidate, limit);
    if (distance <= limit) found.emplace_back(distance, candidate);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(count, found.size()); ++i) names.push_back(std::move(found[i].second));
  return names;
}

}  // namespace cw
