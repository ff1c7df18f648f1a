// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/flat_table.h"

namespace cw {

std::optional<FlatTable> FlatTable::root(std::span<const std::byte> message) {
  const FlatTable file(message, 0);
  const auto start = file.follow(0);
  if (!start) return std::nullopt;
  return FlatTable(message, *start);
}

std::optional<std::size_t> FlatTable::follow(std::size_t place) const {
  const auto offset = load<std::uint32_t>(place);
  if (!offset || *offset >= message_.size() - place) return std::nullopt;
  return place + *offset;
}

std::optional<std::size_t> FlatTable::place_of(int field, std::size_t size) const {
  const auto to_layout = load<std::int32_t>(start_);
  if (!to_layout) return std::nullopt;
  const auto layout = static_cast<std::int64_t>(start_) - *to_layout;
  if (layout < 0) return std::nullopt;
  const auto layout_place = static_cast<std::size_t>(layout);
  const auto layout_size = load<std::uint16_t>(layout_place);
  const std::size_t entry = 4 + 2 * static_cast<std::size_t>(field);
  if (!layout_size || entry + 2 > *layout_size) return std::nullopt;
  const auto offset = load<std::uint16_t>(layout_place + entry);
  if (!offset || *offset == 0) return std::nullopt;
  const std::size_t place = start_ + *offset;
  if (place > message_.size() || message_.size() - place < size) return std::nullopt;
  return place;
}

std::optional<FlatTable> FlatTable::table(int field) const {
  const auto place = place_of(field, 4);
  const auto target = place ? follow(*place) : std::nullopt;
  if (!target) return std::nullopt;
  return FlatTable(message_, *target);
}

std::optional<FlatTable::Elements> FlatTable::elements(int field, std::size_t element_size) const {
  const auto place = place_of(field, 4);
  const auto target = place ? follow(*place) : std::nullopt;
  const auto count = target ? load<std::uint32_t>(*target) : std::nullopt;
  if (!count || *count > (message_.size() - *target - 4) / element_size) return std::nullopt;
  return Elements{*target + 4, *count};
}

std::optional<std::string_view> FlatTable::text(int field) const {
  const auto letters = elements(field, 1);
  if (!letters) return std::nullopt;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return std::string_view(reinterpret_cast<const char*>(message_.data()) + letters->first, letters->count);
}

std::size_t FlatTable::count(int field, std::size_t element_size) const {
  const auto found = elements(field, element_size);
  return found ? found->count : 0;
}

std::optional<FlatTable> FlatTable::table_at(int field, std::size_t place) const {
  const auto found = elements(field, 4);
  if (!found || place >= found->count) return std::nullopt;
  const auto target = follow(found->first + 4 * place);
  if (!target) return std::nullopt;
  return FlatTable(message_, *target);
}

FlatTable::Pair FlatTable::pair_at(int field, std::size_t place) const {
  Pair pair;
  const auto found = elements(field, sizeof pair);
  if (found && place < found->count)
    std::memcpy(&pair, message_.data() + found->first + sizeof pair * place, sizeof pair);
  return pair;
}

}  // namespace cw
