// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <limits>
#include <vector>

namespace cw {

/// The nearest rows found so far for every row: short lists sorted by (distance, row), each entry marked as new until
/// a search step has used it.
class NeighborLists {
 public:
  NeighborLists(std::int64_t num_rows, std::int64_t length)
      : length_(length),
        distances_(static_cast<std::size_t>(num_rows * length), std::numeric_limits<float>::infinity()),
        ids_(distances_.size(), -1),
        is_new_(distances_.size(), 0) {}

  [[nodiscard]] std::int64_t length() const noexcept { return length_; }
  [[nodiscard]] float worst(std::int64_t row) const noexcept { return distances_[at(row, length_ - 1)]; }
  [[nodiscard]] float distance(std::int64_t row, std::int64_t i) const noexcept { return distances_[at(row, i)]; }
  [[nodiscard]] std::int32_t id(std::int64_t row, std::int64_t i) const noexcept { return ids_[at(row, i)]; }
  [[nodiscard]] bool is_new(std::int64_t row, std::int64_t i) const noexcept { return is_new_[at(row, i)] != 0; }
  void mark_used(std::int64_t row, std::int64_t i) noexcept { is_new_[at(row, i)] = 0; }

  /// Takes `id` in unless it is there or too far. True if the list changed.
  bool insert(std::int64_t row, std::int32_t id, float distance) noexcept {
    const std::size_t first = at(row, 0);
    std::size_t place = at(row, length_ - 1);
    if (!before(distance, id, place)) return false;
    while (place > first && before(distance, id, place - 1)) --place;
    // an entry for the same row has the same distance, so it can only stand right before this place
    if (place > first && ids_[place - 1] == id) return false;
    for (std::size_t i = at(row, length_ - 1); i > place; --i) {
      distances_[i] = distances_[i - 1];
      ids_[i] = ids_[i - 1];
      is_new_[i] = is_new_[i - 1];
    }
    distances_[place] = distance;
    ids_[place] = id;
    is_new_[place] = 1;
    return true;
  }

 private:
  [[nodiscard]] std::size_t at(std::int64_t row, std::int64_t i) const noexcept {
    return static_cast<std::size_t>(row * length_ + i);
  }
  [[nodiscard]] bool before(float distance, std::int32_t id, std::size_t place) const noexcept {
    return distance < distances_[place] || (distance == distances_[place] && id < ids_[place]);
  }

  std::int64_t length_;
  std::vector<float> distances_;
  std::vector<std::int32_t> ids_;
  std::vector<std::uint8_t> is_new_;
};

}  // namespace cw
