// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/repeated_names.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace cw {

RepeatedNames repeated_names(std::span<const std::string> names) {
  std::vector<std::pair<std::size_t, std::size_t>> hash_and_row;
  hash_and_row.reserve(names.size());
  for (std::size_t row = 0; row < names.size(); ++row) {
    hash_and_row.emplace_back(std::hash<std::string_view>()(names[row]), row);
  }
  std::sort(hash_and_row.begin(), hash_and_row.end());
  RepeatedNames repeated;
  std::size_t first_row = names.size();
  for (std::size_t begin = 0; begin < hash_and_row.size();) {
    std::size_t end = begin + 1;
    while (end < hash_and_row.size() && hash_and_row[end].first == hash_and_row[begin].first) ++end;
    std::set<std::string_view> seen;  // of one hash: nearly always one name
    for (std::size_t i = begin; i < end && end - begin > 1; ++i) {
      const std::size_t row = hash_and_row[i].second;
      if (seen.insert(names[row]).second) continue;
      ++repeated.count;
      first_row = std::min(first_row, row);
    }
    begin = end;
  }
  if (repeated.any()) repeated.first = names[first_row];
  return repeated;
}

std::string shared_cell_names_text(std::span<const std::string> names) {
  const RepeatedNames repeated = repeated_names(names);
  if (!repeated.any()) return {};
  return std::to_string(repeated.count) + (repeated.count == 1 ? " cell has" : " cells have") +
         " the name of another cell ('" + repeated.first +
         "'); each stays a cell of its own, but labels and groups cannot be joined by name: make the names unique "
         "(obs_names_make_unique of anndata)";
}

}  // namespace cw
