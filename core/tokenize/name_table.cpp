// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/name_table.h"

#include <algorithm>
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

std::string_view first_field(std::string_view line) { return line.substr(0, line.find('\t')); }

}  // namespace

Result<NameTable> NameTable::load(const std::filesystem::path& path) {
  CW_ASSIGN(auto file, MappedFile::open(path));
  NameTable table(std::move(file));
  if (!table.text().ends_with('\n')) {
    return Error{ErrorCode::kParse, "E-DICT-002",
                 path.string() + " is cut off: it does not end with a whole line; install Cellwright again"};
  }
  return table;
}

std::string_view NameTable::text() const noexcept {
  if (!file_) return {};
  return {reinterpret_cast<const char*>(file_->bytes().data()), file_->bytes().size()};
}

std::optional<std::string_view> NameTable::find(std::string_view name) const noexcept {
  // bisection over bytes; what is left always consists of whole lines
  for (auto left = text(); !left.empty();) {
    const auto middle = left.size() / 2;
    const auto before = middle == 0 ? std::string_view::npos : left.rfind('\n', middle - 1);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    const auto end = left.find('\n', middle);
    const auto line = left.substr(begin, end - begin);
    const int order = first_field(line).compare(name);
    if (order == 0) return line;
    left = order < 0 ? left.substr(end + 1) : left.substr(0, begin);
  }
  return std::nullopt;
}

std::vector<std::string> similar_names(const NameTable& table, std::string_view name, std::size_t count) {
  const int limit = name.size() <= 3 ? 1 : 2;
  std::vector<std::pair<int, std::string>> found;
  for (auto rest = table.text(); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
    const auto candidate = first_field(rest.substr(0, rest.find('\n')));
    const int distance = edit_distance(name, candidate, limit);
    if (distance <= limit) found.emplace_back(distance, candidate);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(count, found.size()); ++i) names.push_back(std::move(found[i].second));
  return names;
}

}  // namespace cw
