// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/arrow_schema.h"

#include <algorithm>

namespace cw {
namespace {

constexpr int kDeepest = 16;
constexpr std::size_t kMostFields = 10'000;

// the Type union of Schema.fbs
enum Type : std::uint8_t {
  kTypeNull = 1,
  kTypeInt = 2,
  kTypeFloat = 3,
  kTypeBinary = 4,
  kTypeUtf8 = 5,
  kTypeBool = 6,
  kTypeDecimal = 7,
  kTypeInterval = 11,
  kTypeList = 12,
  kTypeStruct = 13,
  kTypeUnion = 14,
  kTypeFixedBinary = 15,
  kTypeFixedList = 16,
  kTypeMap = 17,
  kTypeDuration = 18,
  kTypeLargeBinary = 19,
  kTypeLargeUtf8 = 20,
  kTypeLargeList = 21
};

ArrowKind kind_of(std::uint8_t type) {
  switch (type) {
    case kTypeNull:
      return ArrowKind::kNull;
    case kTypeInt:
      return ArrowKind::kInteger;
    case kTypeFloat:
      return ArrowKind::kReal;
    case kTypeBool:
      return ArrowKind::kBoolean;
    case kTypeBinary:
    case kTypeUtf8:
      return ArrowKind::kText;
    case kTypeLargeBinary:
    case kTypeLargeUtf8:
      return ArrowKind::kLargeText;
    case kTypeList:
    case kTypeMap:
      return ArrowKind::kList;
    case kTypeLargeList:
      return ArrowKind::kLargeList;
    case kTypeFixedList:
      return ArrowKind::kFixedList;
    case kTypeStruct:
      return ArrowKind::kStruct;
    case kTypeFixedBinary:
    case kTypeDuration:
      return ArrowKind::kFixed;
    default:
      break;
  }
  return type >= kTypeDecimal && type <= kTypeInterval ? ArrowKind::kFixed : ArrowKind::kOther;
}

std::optional<ArrowField> parse_field(const FlatTable& table, int depth, std::size_t& total) {
  if (depth > kDeepest || ++total > kMostFields) return std::nullopt;
  ArrowField field;
  field.name = std::string(table.text(0).value_or(""));
  const auto type_code = table.number<std::uint8_t>(2, 0);
  field.kind = kind_of(type_code);
  field.binary = type_code == kTypeBinary || type_code == kTypeLargeBinary;
  const auto type = table.table(3);
  if (field.kind == ArrowKind::kInteger) {
    field.bit_width = type ? type->number<std::int32_t>(0, 0) : 0;
    field.is_signed = type && type->number<std::uint8_t>(1, 0) != 0;
    if (field.bit_width != 8 && field.bit_width != 16 && field.bit_width != 32 && field.bit_width != 64)
      return std::nullopt;
  }
  if (field.kind == ArrowKind::kReal) field.bit_width = 16 << (type ? type->number<std::int16_t>(0, 0) & 3 : 0);
  if (const auto encoding = table.table(4)) {
    field.dictionary = encoding->number<std::int64_t>(0, 0);
    if (const auto index = encoding->table(1)) {
      field.index_bit_width = index->number<std::int32_t>(0, 0);
      field.index_signed = index->number<std::uint8_t>(1, 0) != 0;
    }
  }
  for (std::size_t i = 0; i < table.count(5, 4); ++i) {
    const auto child_table = table.table_at(5, i);
    auto child = child_table ? parse_field(*child_table, depth + 1, total) : std::nullopt;
    if (!child) return std::nullopt;
    field.children.push_back(std::move(*child));
  }
  const bool list =
      field.kind == ArrowKind::kList || field.kind == ArrowKind::kLargeList || field.kind == ArrowKind::kFixedList;
  if (list && field.children.size() != 1) return std::nullopt;
  return field;
}

}  // namespace

std::size_t ArrowField::num_buffers() const noexcept {
  if (dictionary) return 2;
  std::size_t own = 2;
  if (kind == ArrowKind::kNull) own = 0;
  if (kind == ArrowKind::kStruct || kind == ArrowKind::kFixedList) own = 1;
  if (kind == ArrowKind::kText || kind == ArrowKind::kLargeText) own = 3;
  for (const auto& child : children) own += child.num_buffers();
  return own;
}

std::size_t ArrowField::num_nodes() const noexcept {
  if (dictionary) return 1;
  std::size_t nodes = 1;
  for (const auto& child : children) nodes += child.num_nodes();
  return nodes;
}

bool ArrowField::layout_known() const noexcept {
  return dictionary ||
         (kind != ArrowKind::kOther &&
          std::all_of(children.begin(), children.end(), [](const auto& child) { return child.layout_known(); }));
}

std::optional<std::vector<ArrowField>> parse_arrow_schema(const FlatTable& schema) {
  std::vector<ArrowField> fields;
  std::size_t total = 0;
  for (std::size_t i = 0; i < schema.count(1, 4); ++i) {
    const auto table = schema.table_at(1, i);
    auto field = table ? parse_field(*table, 0, total) : std::nullopt;
    if (!field) return std::nullopt;
    fields.push_back(std::move(*field));
  }
  return fields;
}

}  // namespace cw
