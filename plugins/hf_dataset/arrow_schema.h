// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/hf_dataset/flat_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// The kinds of Arrow types that matter here; kFixed and kOther stand for those that are passed over.
enum class ArrowKind {
  kNull,
  kInteger,
  kReal,
  kBoolean,
  kText,       ///< 32-bit offsets; also binary
  kLargeText,  ///< 64-bit offsets
  kList,       ///< also maps
  kLargeList,
  kFixedList,
  kStruct,
  kFixed,  ///< other values of equal width: dates, decimals, ...
  kOther   ///< a layout that is not known: nothing after it in a batch can be found
};

/// A column of an Arrow schema (Schema.fbs of Arrow 1.5 metadata).
struct ArrowField {
  std::string name;
  ArrowKind kind = ArrowKind::kOther;
  bool binary = false;  ///< kText that is not text
  int bit_width = 0;    ///< of kInteger and kReal
  bool is_signed = true;
  std::optional<std::int64_t> dictionary;  ///< id, where the values are indices into a dictionary
  int index_bit_width = 32;
  bool index_signed = true;
  std::vector<ArrowField> children;

  /// Buffers and nodes this column takes in a record batch, children included.
  [[nodiscard]] std::size_t num_buffers() const noexcept;
  [[nodiscard]] std::size_t num_nodes() const noexcept;
  [[nodiscard]] bool layout_known() const noexcept;
};

/// The columns of a Schema message; nothing if it is damaged or nests deeper than any real one.
[[nodiscard]] std::optional<std::vector<ArrowField>> parse_arrow_schema(const FlatTable& schema);

}  // namespace cw
