// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_attributes.h"

#include "plugins/sdk/hdf5/text_heap.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace cw {
namespace {

constexpr std::size_t kLargestBlock = std::size_t{1} << 24U;  // of an object header
constexpr std::size_t kMostBlocks = 256;
constexpr std::size_t kMostElements = std::size_t{1} << 20U;
constexpr unsigned kContinuation = 0x10;
constexpr unsigned kAttribute = 0x0C;
constexpr unsigned kAttributeInfo = 0x15;

/// Takes numbers and bytes from the front; after the first that is not there `ok()` is false.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes) : rest_(bytes) {}
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t size() const noexcept { return rest_.size(); }
  std::span<const std::byte> take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint64_t number(std::size_t count) {
    const auto taken = take(count);
    return ok_ ? little_endian(taken.data(), count) : 0;
  }
  void skip(std::size_t count) { take(count); }

 private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

/// The blocks of messages of one object header, one after the other.
class HeaderBlocks {
 public:
  HeaderBlocks(const H5RawFile& file, std::uint64_t address) : file_(file) { open_first(address); }

  [[nodiscard]] bool is_new() const noexcept { return is_new_; }
  [[nodiscard]] bool has_creation_order() const noexcept { return has_creation_order_; }
  /// The next block, empty at the end.
  [[nodiscard]] std::span<const std::byte> next() {
    if (next_ >= places_.size() || places_.size() > kMostBlocks) return {};
    const auto [offset, size] = places_[next_++];
    block_.resize(size);
    if (!file_.read(offset, size, block_.data())) return {};
    return block_;
  }
  /// A continuation message names a further block. Its signature and checksum, where it has them, are no messages.
  void add(Bytes message) {
    const std::uint64_t offset = message.number(file_.address_bytes());
    const std::uint64_t size = message.number(file_.length_bytes());
    const std::uint64_t frame = is_new_ ? 8 : 0;
    if (message.ok() && size > frame && size <= kLargestBlock) {
      places_.emplace_back(offset + frame / 2, static_cast<std::size_t>(size - frame));
    }
  }

 private:
  void open_first(std::uint64_t address) {
    std::byte start[64];
    const std::size_t there = std::min<std::uint64_t>(sizeof start, file_.size() - std::min(address, file_.size()));
    if (!file_.read(address, there, start)) return;
    Bytes bytes(std::span<const std::byte>(start, there));
    if (there > 4 && std::memcmp(start, "OHDR", 4) == 0) {
      is_new_ = true;
      bytes.skip(5);
      const auto flags = static_cast<unsigned>(bytes.number(1));
      has_creation_order_ = (flags & 0x04U) != 0;
      if ((flags & 0x20U) != 0) bytes.skip(16);
      if ((flags & 0x10U) != 0) bytes.skip(4);
      const auto size = bytes.number(std::size_t{1} << (flags & 3U));
      if (bytes.ok() && size <= kLargestBlock) places_.emplace_back(address + (there - bytes.size()), size);
      return;
    }
    if (bytes.number(1) != 1) return;
    bytes.skip(7);
    const auto size = bytes.number(4);
    if (bytes.ok() && size <= kLargestBlock) places_.emplace_back(address + 16, size);
  }

  const H5RawFile& file_;
  bool is_new_ = false;
  bool has_creation_order_ = false;
  std::vector<std::pair<std::uint64_t, std::size_t>> places_;
  std::size_t next_ = 0;
  std::vector<std::byte> block_;
};

void read_type(Bytes type, H5StoredAttribute& attribute) {
  using Kind = H5StoredAttribute::Kind;
  const auto type_class = static_cast<unsigned>(type.number(1)) & 15U;
  const auto bits = static_cast<unsigned>(type.number(3));
  attribute.element_bytes = static_cast<std::size_t>(type.number(4));
  const std::size_t size = attribute.element_bytes;
  if (type_class == 8) {  // an enumeration: what its base type is
    H5StoredAttribute base;
    read_type(type, base);
    if (base.kind != Kind::kInteger || base.element_bytes != size) return;
    attribute.kind = Kind::kInteger;
    attribute.is_signed = base.is_signed;
    attribute.big_endian = base.big_endian;
  } else if (type_class == 0 && size >= 1 && size <= 8) {
    attribute.kind = Kind::kInteger;
    attribute.big_endian = (bits & 1U) != 0;
    attribute.is_signed = (bits & 8U) != 0;
  } else if (type_class == 1 && (size == 4 || size == 8) && (bits & 0x40U) == 0) {
    attribute.kind = Kind::kReal;
    attribute.big_endian = (bits & 1U) != 0;
  } else if (type_class == 3) {
    attribute.kind = Kind::kText;
    attribute.space_padded = (bits & 15U) == 2;
  } else if (type_class == 7 && (bits & 15U) == 0 && size == 8) {
    attribute.kind = Kind::kReference;
  } else if (type_class == 9 && (bits & 15U) == 1) {
    attribute.kind = Kind::kVariableText;
  }
}

bool read_space(Bytes space, std::size_t length_bytes, std::size_t& count) {
  const auto version = space.number(1);
  const auto rank = space.number(1);
  space.skip(1);
  const auto kind = space.number(1);
  if (version == 1) space.skip(4);
  if (version != 1 && version != 2) return false;
  constexpr std::uint64_t kNull = 2;
  if (version == 2 && kind == kNull) {
    count = 0;
    return space.ok();
  }
  std::uint64_t elements = 1;
  for (std::uint64_t i = 0; i < rank && space.ok(); ++i) {
    if (__builtin_mul_overflow(elements, space.number(length_bytes), &elements)) return false;
  }
  count = static_cast<std::size_t>(elements);
  return space.ok() && elements <= kMostElements;
}

AttributeSearch read_attribute(Bytes message, std::size_t length_bytes, std::string_view name,
                               H5StoredAttribute& found) {
  const auto version = message.number(1);
  const auto flags = static_cast<unsigned>(message.number(1));
  const auto name_bytes = static_cast<std::size_t>(message.number(2));
  const auto type_bytes = static_cast<std::size_t>(message.number(2));
  const auto space_bytes = static_cast<std::size_t>(message.number(2));
  if (version == 3) message.skip(1);
  if (version < 1 || version > 3) return AttributeSearch::kAbsent;
  const auto padded = [&](std::size_t bytes) { return version == 1 ? (bytes + 7) / 8 * 8 : bytes; };
  const auto stored_name = message.take(padded(name_bytes));
  const auto type = message.take(padded(type_bytes));
  const auto space = message.take(padded(space_bytes));
  const auto* text = reinterpret_cast<const char*>(stored_name.data());
  if (!message.ok() || std::string_view(text, ::strnlen(text, stored_name.size())) != name) {
    return AttributeSearch::kAbsent;
  }
  if (version > 1 && (flags & 3U) != 0) return AttributeSearch::kElsewhere;  // its type is stored apart
  H5StoredAttribute attribute;
  read_type(Bytes(type), attribute);
  std::size_t bytes = 0;
  if (!read_space(Bytes(space), length_bytes, attribute.count) ||
      __builtin_mul_overflow(attribute.count, attribute.element_bytes, &bytes)) {
    return AttributeSearch::kAbsent;
  }
  const auto values = message.take(bytes);
  if (!message.ok()) return AttributeSearch::kAbsent;
  attribute.values.assign(values.begin(), values.end());
  found = std::move(attribute);
  return AttributeSearch::kFound;
}

/// Attributes are kept in a fractal heap instead.
bool is_dense(Bytes info, std::size_t address_bytes) {
  info.skip(1);
  const auto flags = static_cast<unsigned>(info.number(1));
  if ((flags & 1U) != 0) info.skip(2);
  const auto heap = info.take(address_bytes);
  return info.ok() && std::any_of(heap.begin(), heap.end(), [](std::byte byte) { return byte != std::byte{0xFF}; });
}

std::uint64_t number_of(const H5StoredAttribute& attribute, std::size_t i) {
  std::byte bytes[8] = {};
  std::copy_n(attribute.values.data() + i * attribute.element_bytes, attribute.element_bytes, bytes);
  if (attribute.big_endian) std::reverse(bytes, bytes + attribute.element_bytes);
  return little_endian(bytes, attribute.element_bytes);
}

std::int64_t cut_to_integer(double value) {
  constexpr double kLimit = 9.2e18;
  return std::isnan(value) ? 0 : static_cast<std::int64_t>(std::clamp(value, -kLimit, kLimit));
}

}  // namespace

AttributeSearch find_stored_attribute(const H5RawFile& file, std::uint64_t address, std::string_view name,
                                      H5StoredAttribute& found) {
  HeaderBlocks blocks(file, address);
  bool dense = false;
  for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
    Bytes rest(block);
    const std::size_t header = blocks.is_new() ? (blocks.has_creation_order() ? 6 : 4) : 8;
    while (rest.size() >= header) {
      Bytes start(rest.take(header));
      const auto type = static_cast<unsigned>(start.number(blocks.is_new() ? 1 : 2));
      const auto size = static_cast<std::size_t>(start.number(2));
      const auto flags = static_cast<unsigned>(start.number(1));
      Bytes message(rest.take(size));
      if (!rest.ok()) break;
      if (type == kContinuation) blocks.add(message);
      if (type == kAttributeInfo) dense = dense || is_dense(message, file.address_bytes());
      if (type != kAttribute) continue;
      if ((flags & 2U) != 0) {
        dense = true;  // the message itself is shared with other objects
        continue;
      }
      const auto search = read_attribute(message, file.length_bytes(), name, found);
      if (search != AttributeSearch::kAbsent) return search;
    }
  }
  return dense ? AttributeSearch::kElsewhere : AttributeSearch::kAbsent;
}

std::optional<std::vector<std::string>> H5StoredAttribute::texts(const H5RawFile& file) const {
  std::vector<std::string> result;
  if (kind == Kind::kText) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto* first = reinterpret_cast<const char*>(values.data() + i * element_bytes);
      std::size_t length = ::strnlen(first, element_bytes);
      while (space_padded && length > 0 && first[length - 1] == ' ') --length;
      result.emplace_back(first, length);
    }
  } else if (kind == Kind::kVariableText) {
    H5TextHeap heap(file);
    if (element_bytes != heap.reference_bytes()) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      std::string_view text;
      if (!heap.text(values.data() + i * element_bytes, text)) return std::nullopt;
      result.emplace_back(text);
    }
  }
  return result;
}

std::vector<std::int64_t> H5StoredAttribute::integers() const {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t bits = kind == Kind::kInteger || kind == Kind::kReal ? number_of(*this, i) : 0;
    if (kind == Kind::kInteger) {
      const unsigned unused = 64 - 8 * static_cast<unsigned>(element_bytes);
      const auto shifted = static_cast<std::int64_t>(bits << unused);
      result.push_back(is_signed ? shifted >> unused : static_cast<std::int64_t>(bits));
    } else if (kind == Kind::kReal) {
      result.push_back(cut_to_integer(element_bytes == 8
                                          ? std::bit_cast<double>(bits)
                                          : double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))}));
    }
  }
  return result;
}

}  // namespace cw
