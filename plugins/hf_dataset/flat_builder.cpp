// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/flat_builder.h"

#include <algorithm>

namespace cw {

void FlatBuilder::pad(std::size_t following, std::size_t alignment) {
  while ((reversed_.size() + following) % alignment != 0) reversed_ += '\0';
}

FlatBuilder::Reference FlatBuilder::put(const void* bytes, std::size_t size, std::size_t alignment) {
  pad(size, alignment);
  const auto* begin = static_cast<const char*>(bytes);
  reversed_.append(std::reverse_iterator(begin + size), std::reverse_iterator(begin));
  return static_cast<Reference>(reversed_.size());
}

FlatBuilder::Reference FlatBuilder::text(std::string_view text) {
  const auto count = static_cast<std::uint32_t>(text.size());
  pad(text.size() + 1, 4);  // the count in front of the letters is aligned, a zero follows them
  reversed_ += '\0';
  put(text.data(), text.size(), 1);
  return put(&count, sizeof count, 4);
}

FlatBuilder::Reference FlatBuilder::vector_of_references(const std::vector<Reference>& items) {
  const auto count = static_cast<std::uint32_t>(items.size());
  pad(4 * items.size(), 4);
  for (std::size_t i = items.size(); i-- > 0;) {
    const std::uint32_t offset = static_cast<std::uint32_t>(reversed_.size()) + 4 - items[i];
    put(&offset, sizeof offset, 4);
  }
  return put(&count, sizeof count, 4);
}

FlatBuilder::Reference FlatBuilder::vector_of_pairs(const std::vector<std::pair<std::int64_t, std::int64_t>>& items) {
  const auto count = static_cast<std::uint32_t>(items.size());
  pad(0, 8);
  for (std::size_t i = items.size(); i-- > 0;) {
    put(&items[i].second, 8, 8);
    put(&items[i].first, 8, 8);
  }
  return put(&count, sizeof count, 4);
}

FlatBuilder::Reference FlatBuilder::table(std::vector<Field> fields) {
  // wide fields first, so that alignment wastes nothing
  std::stable_sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.size_ < b.size_; });
  const std::size_t end = reversed_.size();
  std::vector<std::pair<int, Reference>> places;
  int last = -1;
  for (const auto& field : fields) {
    last = std::max(last, field.place_);
    if (!field.is_reference_) {
      places.emplace_back(field.place_, put(field.bytes_, field.size_, field.size_));
      continue;
    }
    pad(4, 4);
    const std::uint32_t offset = static_cast<std::uint32_t>(reversed_.size()) + 4 - field.target_;
    places.emplace_back(field.place_, put(&offset, 4, 4));
  }
  pad(4, 4);
  const auto layout_size = static_cast<std::uint16_t>(4 + 2 * (last + 1));
  // the layout lies just in front of the table, which begins with the distance to it
  const std::int32_t to_layout = layout_size;
  const Reference start = put(&to_layout, 4, 4);
  std::vector<std::uint16_t> layout(static_cast<std::size_t>(layout_size) / 2, 0);
  layout[0] = layout_size;
  layout[1] = static_cast<std::uint16_t>(start - end);
  for (const auto& [place, reference] : places) {
    layout[static_cast<std::size_t>(place) + 2] = static_cast<std::uint16_t>(start - reference);
  }
  put(layout.data(), layout_size, 1);
  return start;
}

std::string FlatBuilder::finish(Reference root) {
  pad(4, 8);
  const std::uint32_t offset = static_cast<std::uint32_t>(reversed_.size()) + 4 - root;
  put(&offset, 4, 4);
  return {reversed_.rbegin(), reversed_.rend()};
}

}  // namespace cw
