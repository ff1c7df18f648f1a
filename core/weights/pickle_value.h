// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/weights/tensor.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

enum class PickleKind : std::uint8_t {
  kNone,
  kBoolean,
  kInteger,  ///< 64 bits
  kReal,
  kText,  ///< UTF-8
  kBytes,
  kBigInteger,  ///< wider than 64 bits; `bytes()` are its two's complement, little endian
  kTuple,       ///< also torch.Size
  kList,
  kDictionary,  ///< also OrderedDict and defaultdict
  kArray,       ///< a numpy array
  kTensor,      ///< a torch tensor, whose values lie outside the pickle
  kType         ///< a class or element type on its own
};

/// "a dictionary", "a text", ...: for errors.
[[nodiscard]] std::string_view name_of(PickleKind kind) noexcept;

/// A numpy array of numbers, little endian.
struct PickleArray {
  char type_code = 'f';  ///< numpy's kind: b, i, u, f
  int width = 0;         ///< bytes per element
  bool column_major = false;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  [[nodiscard]] std::size_t size() const noexcept {
    return width > 0 ? bytes.size() / static_cast<std::size_t>(width) : 0;
  }
  /// By place in memory order.
  [[nodiscard]] double real_at(std::size_t place) const noexcept;
};

/// A torch tensor as a view of a storage; sizes in elements. Not checked against the storage's real size.
struct PickleTensor {
  std::string_view storage;  ///< key of the storage
  DType dtype = DType::kFloat32;
  std::int64_t storage_size = 0;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

class PickleDocument;

/// One value of an unpickled document: a light view, valid as long as the document is neither moved nor destroyed.
class PickleValue {
 public:
  [[nodiscard]] PickleKind kind() const noexcept;
  [[nodiscard]] bool is(PickleKind wanted) const noexcept { return kind() == wanted; }

  /// Integers and booleans; nothing for other kinds.
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
  /// Integers, booleans and reals; nothing for other kinds.
  [[nodiscard]] std::optional<double> real() const noexcept;
  /// Nothing for other kinds than texts.
  [[nodiscard]] std::optional<std::string_view> text() const noexcept;
  /// Content of kBytes and kBigInteger; empty for other kinds.
  [[nodiscard]] std::string_view bytes() const noexcept;

  /// Items of a tuple or list, entries of a dictionary; 0 for other kinds.
  [[nodiscard]] std::size_t size() const noexcept;
  /// Item of a tuple or list. `place` < size().
  [[nodiscard]] PickleValue at(std::size_t place) const;
  /// Entries of a dictionary in the order they were added; of two equal keys the later one counts. `place` < size().
  [[nodiscard]] PickleValue key(std::size_t place) const;
  [[nodiscard]] PickleValue value(std::size_t place) const;
  /// The value of a text key of a dictionary. Linear in the size.
  [[nodiscard]] std::optional<PickleValue> find(std::string_view key) const;

  /// nullptr for other kinds.
  [[nodiscard]] const PickleArray* array() const noexcept;
  [[nodiscard]] const PickleTensor* tensor() const noexcept;

 private:
  friend class PickleDocument;
  PickleValue(const PickleDocument* document, std::uint32_t node) : document_(document), node_(node) {}

  const PickleDocument* document_;
  std::uint32_t node_;
};

/// Everything a pickle contained, as plain data: nodes of 16 bytes in one array, so that destroying or copying it never
/// recurses. Texts and bytes refer to the source, which `keep_alive` may hold.
class PickleDocument {
 public:
  [[nodiscard]] PickleValue root() const noexcept { return {this, root_}; }
  /// Ties the source's life to the document's.
  void keep_alive(std::shared_ptr<const void> source) { source_ = std::move(source); }

 private:
  friend class PickleValue;
  friend class PickleMachine;

  struct Node {
    union {
      std::int64_t integer;
      double real;
      const char* text;
      std::uint64_t index;  ///< into containers_, arrays_, tensors_ or the machine's own tables
    };
    std::uint32_t size;  ///< of text
    PickleKind kind;
    std::uint8_t detail;  ///< which type a kType is; the machine's business
  };

  std::vector<Node> nodes_;
  std::vector<std::vector<std::uint32_t>> containers_;  ///< items; keys and values in turn for dictionaries
  std::vector<PickleArray> arrays_;
  std::vector<PickleTensor> tensors_;
  std::deque<std::string> decoded_;  ///< texts that were stored in another encoding
  std::shared_ptr<const void> source_;
  std::uint32_t root_ = 0;
};

}  // namespace cw
