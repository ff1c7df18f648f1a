// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_column.h"

#include "core/io/hdf5_array.h"

#include <algorithm>
#include <limits>

namespace cw {
namespace {

Error unknown_encoding(const H5Node& element) {
  return {ErrorCode::kParse, "E-H5-011",
          element.file() + ": column '" + element.path() + "' has the encoding '" +
              element.text_attribute("encoding-type").value_or("none") + "', which is not read here"};
}

// anndata 0.7 keeps the categories of column NAME in the sibling group __categories and points to them.
Result<H5Node> legacy_categories(const H5Node& frame, const H5Node& element, const std::string& name) {
  if (const std::string path = "__categories/" + name; frame.has(path)) return frame.open(path);
  return element.open_reference("categories");
}

std::optional<ColumnKind> kind_of(ElementClass elements) {
  switch (elements) {
    case ElementClass::kInteger:
      return ColumnKind::kInteger;
    case ElementClass::kReal:
      return ColumnKind::kReal;
    case ElementClass::kBoolean:
      return ColumnKind::kBoolean;
    case ElementClass::kText:
      return ColumnKind::kString;
    case ElementClass::kEnum:
      return ColumnKind::kCategorical;
    default:
      return std::nullopt;
  }
}

Result<Column> read_enum(const H5Node& element, const std::string& name) {
  CW_ASSIGN(EnumNames names, read_enum_names(element));
  CW_ASSIGN(std::vector<std::int64_t> values, read_numbers<std::int64_t>(element));
  for (auto& value : values) {
    const auto found = std::find(names.values.begin(), names.values.end(), value);
    value = found == names.values.end() ? -1 : found - names.values.begin();
  }
  return checked_categorical(element, name, std::move(values), std::move(names.names));
}

Result<Column> read_plain(const H5Node& element, const std::string& name) {
  CW_ASSIGN(const ArrayShape shape, describe_array(element));
  const auto kind = kind_of(shape.elements);
  if (!kind || shape.dims.size() != 1) return unknown_encoding(element);
  Column column;
  column.name = name;
  column.kind = *kind;
  switch (*kind) {
    case ColumnKind::kString: {
      CW_ASSIGN(column.strings, read_texts(element));
      break;
    }
    case ColumnKind::kInteger: {
      CW_ASSIGN(column.integers, read_numbers<std::int64_t>(element));
      break;
    }
    case ColumnKind::kReal: {
      CW_ASSIGN(column.reals, read_numbers<double>(element));
      break;
    }
    case ColumnKind::kBoolean: {
      CW_ASSIGN(column.booleans, read_numbers<std::uint8_t>(element));
      break;
    }
    case ColumnKind::kCategorical:
      return read_enum(element, name);
  }
  return column;
}

// nullable-integer, -boolean, -string-array: values and a mask that is true where they are missing.
Result<Column> read_nullable(const H5Node& element, const std::string& name) {
  CW_ASSIGN(const H5Node values, element.open("values"));
  CW_ASSIGN(Column column, read_plain(values, name));
  if (!element.has("mask")) return column;
  CW_ASSIGN(const H5Node mask, element.open("mask"));
  CW_ASSIGN(column.missing, read_numbers<std::uint8_t>(mask));
  if (static_cast<std::int64_t>(column.missing.size()) != column.size()) {
    return Error{ErrorCode::kParse, "E-H5-012",
                 element.file() + ": column '" + element.path() + "' has " + std::to_string(column.size()) +
                     " values but a mask of " + std::to_string(column.missing.size())};
  }
  if (column.kind == ColumnKind::kReal) {
    for (std::size_t i = 0; i < column.missing.size(); ++i) {
      if (column.missing[i] != 0) column.reals[i] = std::numeric_limits<double>::quiet_NaN();
    }
    column.missing.clear();
  }
  return column;
}

Result<Column> read_encoded_categorical(const H5Node& element, const std::string& name) {
  CW_ASSIGN(const H5Node codes_node, element.open("codes"));
  CW_ASSIGN(std::vector<std::int64_t> codes, read_numbers<std::int64_t>(codes_node));
  CW_ASSIGN(const H5Node categories_node, element.open("categories"));
  // not read_column_element: categories are never categorical, and damaged links may lead back here
  CW_ASSIGN(Column categories, categories_node.is_group() ? read_nullable(categories_node, "categories")
                                                          : read_plain(categories_node, "categories"));
  std::vector<std::string> texts;
  for (std::int64_t i = 0; i < categories.size(); ++i) texts.push_back(categories.text(i));
  CW_ASSIGN(Column column, checked_categorical(element, name, std::move(codes), std::move(texts)));
  const auto ordered = element.integers_attribute("ordered");
  column.ordered = ordered.size() == 1 && ordered[0] != 0;
  return column;
}

Result<Column> read_legacy_categorical(const H5Node& frame, const H5Node& element, const std::string& name) {
  CW_ASSIGN(const H5Node node, legacy_categories(frame, element, name));
  CW_ASSIGN(std::vector<std::string> categories, read_texts(node));
  CW_ASSIGN(std::vector<std::int64_t> codes, read_numbers<std::int64_t>(element));
  CW_ASSIGN(Column column, checked_categorical(element, name, std::move(codes), std::move(categories)));
  const auto ordered = node.integers_attribute("ordered");
  column.ordered = ordered.size() == 1 && ordered[0] != 0;
  return column;
}

std::int64_t length_of(const Result<H5Node>& node) {
  if (!node) return -1;
  const auto shape = describe_array(*node);
  return shape ? shape->num_rows() : -1;
}

}  // namespace

std::optional<ColumnShape> describe_column_element(const H5Node& frame, const H5Node& element,
                                                   const std::string& name) {
  if (element.is_dataset()) {
    const auto shape = describe_array(element);
    const auto kind = shape ? kind_of(shape->elements) : std::nullopt;
    if (!kind || shape->dims.size() != 1) return std::nullopt;
    if (element.has_attribute("categories")) {
      return ColumnShape{ColumnKind::kCategorical, length_of(legacy_categories(frame, element, name))};
    }
    return ColumnShape{*kind, -1};
  }
  if (element.has("codes") && element.has("categories")) {
    auto categories = element.open("categories");
    if (categories && categories->is_group()) categories = categories->open("values");  // nullable strings
    return ColumnShape{ColumnKind::kCategorical, length_of(categories)};
  }
  if (!element.has("values")) return std::nullopt;
  const auto values = element.open("values");
  const auto shape = values ? describe_array(*values) : Result<ArrayShape>(values.error());
  const auto kind = shape ? kind_of(shape->elements) : std::nullopt;
  if (!kind || *kind == ColumnKind::kCategorical || shape->dims.size() != 1) return std::nullopt;
  return ColumnShape{*kind, -1};
}

Result<Column> read_column_element(const H5Node& frame, const H5Node& element, const std::string& name) {
  if (element.is_dataset()) {
    return element.has_attribute("categories") ? read_legacy_categorical(frame, element, name)
                                               : read_plain(element, name);
  }
  if (element.has("codes") && element.has("categories")) return read_encoded_categorical(element, name);
  if (element.has("values")) return read_nullable(element, name);
  return unknown_encoding(element);
}

Result<Column> checked_categorical(const H5Node& element, const std::string& name, std::vector<std::int64_t> codes,
                                   std::vector<std::string> categories) {
  const auto count = static_cast<std::int64_t>(categories.size());
  std::vector<std::int32_t> checked;
  checked.reserve(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] < -1 || codes[i] >= count) {
      return Error{ErrorCode::kParse, "E-H5-013",
                   element.file() + ": row " + std::to_string(i) + " of '" + element.path() + "' points to category " +
                       std::to_string(codes[i]) + ", but there are " + std::to_string(count) +
                       "; the file is damaged, write it again"};
    }
    checked.push_back(static_cast<std::int32_t>(codes[i]));
  }
  return Column::of_codes(name, std::move(checked), std::move(categories));
}

}  // namespace cw
