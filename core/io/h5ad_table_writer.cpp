// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_table.h"
#include "core/io/hdf5_write.h"

#include <algorithm>
#include <limits>

namespace cw {
namespace {

Result<> write_encoded(Result<H5Node> node, std::string_view type, std::string_view version) {
  if (!node) return node.error();
  return node->set_encoding(type, version);
}

Result<> write_array(Result<H5Node> node) { return write_encoded(std::move(node), "array", "0.2.0"); }

template <class Code>
Result<> write_codes(const H5Node& group, const std::vector<std::int32_t>& codes) {
  return write_array(write_numbers(group, "codes", std::vector<Code>(codes.begin(), codes.end())));
}

Result<> write_categorical(const H5Node& frame, const Column& column) {
  CW_ASSIGN(const H5Node group, frame.create_group(column.name));
  CW_TRY(group.set_encoding("categorical", "0.2.0"));
  CW_TRY(group.set_flag("ordered", column.ordered));
  // the smallest integer that holds the codes, as pandas chooses it
  const std::size_t count = column.categories.size();
  if (count <= std::numeric_limits<std::int8_t>::max()) {
    CW_TRY(write_codes<std::int8_t>(group, column.codes));
  } else if (count <= std::numeric_limits<std::int16_t>::max()) {
    CW_TRY(write_codes<std::int16_t>(group, column.codes));
  } else {
    CW_TRY(write_codes<std::int32_t>(group, column.codes));
  }
  return write_encoded(write_texts(group, "categories", column.categories), "string-array", "0.2.0");
}

Result<> write_nullable(const H5Node& frame, const Column& column) {
  CW_ASSIGN(const H5Node group, frame.create_group(column.name));
  CW_TRY(write_array(write_booleans(group, "mask", column.missing)));
  if (column.kind == ColumnKind::kBoolean) {
    CW_TRY(group.set_encoding("nullable-boolean", "0.1.0"));
    return write_array(write_booleans(group, "values", column.booleans));
  }
  CW_TRY(group.set_encoding("nullable-integer", "0.1.0"));
  return write_array(write_numbers(group, "values", column.integers));
}

Result<> check_lengths(const Table& table, std::string_view name) {
  for (const auto& column : table.columns) {
    if (column.size() == table.num_rows()) continue;
    return Error{ErrorCode::kShape, "E-H5-014",
                 "column '" + column.name + "' of " + std::string(name) + " has " + std::to_string(column.size()) +
                     " values, the table has " + std::to_string(table.num_rows()) + " rows"};
  }
  return {};
}

}  // namespace

Result<> write_column(const H5Node& frame, const Column& column) {
  const bool any_missing = std::any_of(column.missing.begin(), column.missing.end(), [](auto flag) { return flag; });
  switch (column.kind) {
    case ColumnKind::kCategorical:
      return write_categorical(frame, column);
    case ColumnKind::kString:
      // missing texts have no encoding that all versions of anndata read; a categorical says the same
      if (any_missing) return write_categorical(frame, as_categorical(column));
      return write_encoded(write_texts(frame, column.name, column.strings), "string-array", "0.2.0");
    case ColumnKind::kInteger:
      if (any_missing) return write_nullable(frame, column);
      return write_array(write_numbers(frame, column.name, column.integers));
    case ColumnKind::kBoolean:
      if (any_missing) return write_nullable(frame, column);
      return write_array(write_booleans(frame, column.name, column.booleans));
    case ColumnKind::kReal:
      break;
  }
  return write_array(write_numbers(frame, column.name, column.reals));
}

Result<> write_table(const H5Node& parent, std::string_view name, const Table& table) {
  CW_TRY(check_lengths(table, name));
  CW_ASSIGN(const H5Node frame, parent.create_group(name));
  CW_TRY(frame.set_encoding("dataframe", "0.2.0"));
  // the index must not meet a column of its name
  const bool taken = table.index_name.empty() || table.find(table.index_name) != nullptr;
  const std::string index = taken ? "_index" : table.index_name;
  CW_TRY(frame.set_text("_index", index));
  std::vector<std::string> order;
  for (const auto& column : table.columns) order.push_back(column.name);
  CW_TRY(frame.set_texts("column-order", order));
  CW_TRY(write_encoded(write_texts(frame, index, table.index), "string-array", "0.2.0"));
  for (const auto& column : table.columns) CW_TRY(write_column(frame, column));
  return {};
}

}  // namespace cw
