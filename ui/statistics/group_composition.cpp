// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/group_composition.h"

#include <algorithm>

namespace cw::ui {

std::int64_t GroupComposition::parts_of(std::size_t group) const noexcept {
  if (by_part.empty()) return 0;
  return std::count_if(by_part[group].begin(), by_part[group].end(), [](std::int64_t number) { return number > 0; });
}

GroupComposition compose_groups(const Column& labels, const Column* parts, const std::vector<std::uint8_t>& mask) {
  const Column groups = as_categorical(labels);
  GroupComposition all;
  all.groups = groups.categories;
  all.cells.assign(all.groups.size(), 0);
  if (!mask.empty()) all.selected.assign(all.groups.size(), 0);
  Column donors;
  if (parts) {
    donors = as_categorical(*parts);
    all.parts = donors.categories;
    all.by_part.assign(all.groups.size(), std::vector<std::int64_t>(all.parts.size(), 0));
  }
  for (std::size_t cell = 0; cell < groups.codes.size(); ++cell) {
    if (groups.codes[cell] < 0) {
      ++all.unlabelled;
      continue;
    }
    const auto group = static_cast<std::size_t>(groups.codes[cell]);
    ++all.cells[group];
    if (!mask.empty() && mask[cell]) ++all.selected[group];
    if (parts && donors.codes[cell] >= 0) ++all.by_part[group][static_cast<std::size_t>(donors.codes[cell])];
  }
  return all;
}

GroupComposition compose_mask(const std::vector<std::uint8_t>& mask, const Column& parts) {
  const Column categories = as_categorical(parts);
  GroupComposition one;
  one.groups = {""};
  one.cells = {0};
  one.parts = categories.categories;
  one.by_part.assign(1, std::vector<std::int64_t>(one.parts.size(), 0));
  for (std::size_t cell = 0; cell < mask.size() && cell < categories.codes.size(); ++cell) {
    if (!mask[cell]) continue;
    ++one.cells[0];
    if (categories.codes[cell] >= 0) ++one.by_part[0][static_cast<std::size_t>(categories.codes[cell])];
  }
  return one;
}

}  // namespace cw::ui
