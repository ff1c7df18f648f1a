// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_table.h"

#include "core/io/h5ad_column.h"
#include "core/io/hdf5_array.h"

#include <algorithm>

namespace cw {

Result<H5adTable> H5adTable::open(const H5Node& root, std::string_view name) {
  CW_ASSIGN(H5Node node, root.open(name));
  CW_ASSIGN(H5Node own_root, root.open("."));
  H5adTable table(std::move(own_root), std::move(node));
  CW_TRY(table.node_.is_group() ? table.describe_group() : table.describe_compound());
  return table;
}

Result<> H5adTable::describe_group() {
  index_field_ = node_.text_attribute("_index").value_or(node_.has("_index") ? "_index" : "index");
  index_name_ = index_field_ == "_index" || index_field_ == "index" ? "" : index_field_;
  CW_ASSIGN(H5Node index_node, node_.open(index_field_));
  if (index_node.is_group()) {
    CW_ASSIGN(index_node, index_node.open(index_node.has("codes") ? "codes" : "values"));
  }
  CW_ASSIGN(const ArrayShape shape, describe_array(index_node));
  num_rows_ = shape.num_rows();
  modern_ = node_.text_attribute("encoding-version").value_or("") == "0.2.0";
  std::vector<std::string> names = node_.texts_attribute("column-order");
  if (!node_.has_attribute("column-order")) {
    CW_ASSIGN(names, node_.children());
    std::erase(names, "__categories");
  }
  for (const auto& column : names) {
    if (column == index_field_) continue;
    if (const auto info = describe_column(column)) columns_.push_back(*info);
  }
  return {};
}

std::optional<ColumnInfo> H5adTable::describe_column(const std::string& name) {
  const auto element = node_.has(name) ? node_.open(name) : Result<H5Node>(Error{});
  const auto shape = element ? describe_column_element(node_, *element, name) : std::nullopt;
  if (!shape) {
    notes_.push_back("column '" + name + "' of " + node_.path() +
                     (element ? " has an encoding that is not read here" : " is listed but missing") +
                     "; it is left out");
    return std::nullopt;
  }
  const auto array = describe_array(*element);
  return ColumnInfo{name, shape->kind, shape->num_categories, array.ok() && array->is_number() ? array->dtype : ""};
}

Result<> H5adTable::describe_compound() {
  CW_ASSIGN(const ArrayShape shape, describe_array(node_));
  members_ = describe_members(node_);
  if (members_.empty() || shape.dims.size() != 1) {
    return Error{ErrorCode::kParse, "E-H5-011",
                 node_.file() + ": '" + node_.path() + "' holds " + shape.dtype +
                     " values where a table is expected; this is no h5ad file, or one of a layout that is not known"};
  }
  num_rows_ = shape.num_rows();
  const auto named_index = std::find_if(members_.begin(), members_.end(), [](const MemberShape& member) {
    return member.name == "index" || member.name == "_index";
  });
  index_field_ = named_index == members_.end() ? members_.front().name : named_index->name;
  for (const auto& member : members_) {
    if (member.name == index_field_) continue;
    if (const auto categories = compound_categories(member.name)) {
      const auto texts = root_.open(*categories);
      const auto array = texts ? describe_array(*texts) : Result<ArrayShape>(texts.error());
      columns_.push_back({member.name, ColumnKind::kCategorical, array ? array->num_rows() : -1});
    } else if (member.width == 1 && member.elements == ElementClass::kInteger) {
      columns_.push_back({member.name, ColumnKind::kInteger, -1});
    } else if (member.width == 1 && member.elements == ElementClass::kReal) {
      columns_.push_back({member.name, ColumnKind::kReal, -1});
    } else if (member.width == 1 && member.elements == ElementClass::kBoolean) {
      columns_.push_back({member.name, ColumnKind::kBoolean, -1});
    } else if (member.elements == ElementClass::kText) {
      columns_.push_back({member.name, ColumnKind::kString, -1});
    } else {
      notes_.push_back("column '" + member.name + "' of " + node_.path() + " has a type that is not read here");
    }
  }
  return {};
}

std::optional<std::string> H5adTable::compound_categories(const std::string& name) const {
  const auto member = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.name == name; });
  const std::string path = "uns/" + name + "_categories";
  const bool has = member != members_.end() && member->elements == ElementClass::kInteger && root_.has(path);
  return has ? std::optional(path) : std::nullopt;
}

Error H5adTable::wrong_length(std::string_view what, std::int64_t length) const {
  return {ErrorCode::kParse, "E-H5-012",
          node_.file() + ": '" + node_.path() + "/" + std::string(what) + "' has " + std::to_string(length) +
              " values but the table has " + std::to_string(num_rows_) + " rows; the file is damaged"};
}

Result<std::vector<std::string>> H5adTable::index() const {
  std::vector<std::string> names;
  if (!members_.empty()) {
    CW_ASSIGN(const Column column, read_compound_column(index_field_));
    if (column.kind == ColumnKind::kString) return column.strings;
    for (std::int64_t row = 0; row < column.size(); ++row) names.push_back(column.text(row));
  } else {
    CW_ASSIGN(const H5Node element, node_.open(index_field_));
    CW_ASSIGN(Column column, read_column_element(node_, element, index_field_));
    if (column.kind == ColumnKind::kString) {
      names = std::move(column.strings);
    } else {
      for (std::int64_t row = 0; row < column.size(); ++row) names.push_back(column.text(row));
    }
  }
  if (static_cast<std::int64_t>(names.size()) != num_rows_) {
    return wrong_length(index_field_, static_cast<std::int64_t>(names.size()));
  }
  return names;
}

Result<Column> H5adTable::column(std::string_view name) const {
  const auto known =
      std::any_of(columns_.begin(), columns_.end(), [&](const ColumnInfo& info) { return info.name == name; });
  if (!known) {
    Table headings;
    for (const auto& info : columns_) headings.columns.push_back(Column::of_strings(info.name, {}));
    return headings.require(name).error().in(node_.file() + ": " + node_.path());
  }
  CW_ASSIGN(Column column,
            members_.empty() ? read_group_column(std::string(name)) : read_compound_column(std::string(name)));
  if (column.size() != num_rows_) return wrong_length(name, column.size());
  return column;
}

Result<Column> H5adTable::read_group_column(const std::string& name) const {
  CW_ASSIGN(const H5Node element, node_.open(name));
  return read_column_element(node_, element, name);
}

Result<Column> H5adTable::read_compound_column(const std::string& name) const {
  const auto member =
      *std::find_if(members_.begin(), members_.end(), [&](const MemberShape& m) { return m.name == name; });
  Column column;
  column.name = name;
  if (member.elements == ElementClass::kText) {
    CW_ASSIGN(column.strings, read_member<std::string>(node_, member));
  } else if (member.elements == ElementClass::kReal) {
    column.kind = ColumnKind::kReal;
    CW_ASSIGN(column.reals, read_member<double>(node_, member));
  } else {
    CW_ASSIGN(std::vector<std::int64_t> values, read_member<std::int64_t>(node_, member));
    if (const auto path = compound_categories(name)) {
      CW_ASSIGN(const H5Node categories_node, root_.open(*path));
      CW_ASSIGN(std::vector<std::string> categories, read_texts(categories_node));
      return checked_categorical(node_, name, std::move(values), std::move(categories));
    }
    if (member.elements == ElementClass::kBoolean) {
      column.kind = ColumnKind::kBoolean;
      column.booleans.assign(values.begin(), values.end());
    } else {
      column.kind = ColumnKind::kInteger;
      column.integers = std::move(values);
    }
  }
  return column;
}

Result<Table> H5adTable::read() const {
  Table table;
  table.index_name = index_name_;
  CW_ASSIGN(table.index, index());
  for (const auto& info : columns_) {
    CW_ASSIGN(Column values, column(info.name));
    table.columns.push_back(std::move(values));
  }
  return table;
}

Result<Table> read_table(const H5Node& parent, std::string_view name) {
  CW_ASSIGN(const H5adTable table, H5adTable::open(parent, name));
  return table.read();
}

}  // namespace cw
