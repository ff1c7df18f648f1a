// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cw {

/// Builds a FlatBuffers message back to front, as the format wants it: what is referred to comes first. A `Reference`
/// is the distance of a thing from the end of the message.
class FlatBuilder {
 public:
  using Reference = std::uint32_t;

  /// A field of a table: a number, or a reference to something built before.
  class Field {
   public:
    template <class T>
    requires std::is_arithmetic_v<T>
    static Field number(int place, T value) {
      Field field(place, sizeof value);
      std::memcpy(field.bytes_, &value, sizeof value);
      return field;
    }
    static Field reference(int place, Reference target) {
      Field field(place, sizeof target);
      field.is_reference_ = true;
      field.target_ = target;
      return field;
    }

   private:
    friend class FlatBuilder;
    Field(int place, std::size_t size) : place_(place), size_(size) {}
    int place_;
    std::size_t size_;
    char bytes_[8] = {};
    bool is_reference_ = false;
    Reference target_ = 0;
  };

  Reference text(std::string_view text);
  Reference vector_of_references(const std::vector<Reference>& items);
  /// Structs of two int64 (FieldNode, Buffer of Message.fbs).
  Reference vector_of_pairs(const std::vector<std::pair<std::int64_t, std::int64_t>>& items);
  Reference table(std::vector<Field> fields);
  /// The message with `root` as its root table; a multiple of 8 bytes long.
  [[nodiscard]] std::string finish(Reference root);

 private:
  /// Puts `bytes` in front so that they begin at a multiple of `alignment` once the message is finished.
  Reference put(const void* bytes, std::size_t size, std::size_t alignment);
  void pad(std::size_t following, std::size_t alignment);

  std::string reversed_;  ///< the message from its end to its beginning
};

}  // namespace cw
