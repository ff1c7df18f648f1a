// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace cw {

/// A table of a FlatBuffers message (https://flatbuffers.dev/internals), read in place. Every access is checked against
/// the bytes of the message; what lies outside reads as absent, so that a damaged message gives wrong or missing values
/// but never a wrong address.
class FlatTable {
 public:
  /// The root table. Nothing if the message is too short for one.
  [[nodiscard]] static std::optional<FlatTable> root(std::span<const std::byte> message);

  /// A number, `otherwise` if the field is absent. `field` counts from 0 in the order of the schema.
  template <class T>
  [[nodiscard]] T number(int field, T otherwise) const {
    const auto place = place_of(field, sizeof(T));
    if (!place) return otherwise;
    T value;
    std::memcpy(&value, message_.data() + *place, sizeof value);
    return value;
  }
  [[nodiscard]] std::optional<FlatTable> table(int field) const;
  [[nodiscard]] std::optional<std::string_view> text(int field) const;
  /// Number of elements of a vector, as far as they lie inside the message: 0 if absent.
  [[nodiscard]] std::size_t count(int field, std::size_t element_size) const;
  /// Element of a vector of tables; `place` < count(field, 4).
  [[nodiscard]] std::optional<FlatTable> table_at(int field, std::size_t place) const;
  /// Element of a vector of structs of two int64; `place` < count(field, 16).
  struct Pair {
    std::int64_t first = 0;
    std::int64_t second = 0;
  };
  [[nodiscard]] Pair pair_at(int field, std::size_t place) const;

 private:
  FlatTable(std::span<const std::byte> message, std::size_t start) : message_(message), start_(start) {}
  template <class T>
  [[nodiscard]] std::optional<T> load(std::size_t place) const {
    if (place > message_.size() || message_.size() - place < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, message_.data() + place, sizeof value);
    return value;
  }
  [[nodiscard]] std::optional<std::size_t> place_of(int field, std::size_t size) const;
  /// Follows the offset stored at `place`.
  [[nodiscard]] std::optional<std::size_t> follow(std::size_t place) const;
  /// First element of a vector and their number.
  struct Elements {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  [[nodiscard]] std::optional<Elements> elements(int field, std::size_t element_size) const;

  std::span<const std::byte> message_;
  std::size_t start_;
};

}  // namespace cw
