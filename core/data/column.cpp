// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/column.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace cw {
namespace {

std::string text_of_real(double value) {
  if (std::isnan(value)) return {};
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;  // shortest text that reads back equal
  return {buffer, end};
}

template <class T>
std::vector<T> taken(const std::vector<T>& values, std::span<const std::int64_t> rows) {
  if (values.empty()) return {};
  std::vector<T> result;
  result.reserve(rows.size());
  for (const auto row : rows) result.push_back(values[static_cast<std::size_t>(row)]);
  return result;
}

}  // namespace

std::string_view name_of(ColumnKind kind) noexcept {
  switch (kind) {
    case ColumnKind::kString:
      return "string";
    case ColumnKind::kCategorical:
      return "categorical";
    case ColumnKind::kInteger:
      return "integer";
    case ColumnKind::kReal:
      return "real";
    case ColumnKind::kBoolean:
      return "boolean";
  }
  return "string";
}

std::int64_t Column::size() const noexcept {
  switch (kind) {
    case ColumnKind::kString:
      return static_cast<std::int64_t>(strings.size());
    case ColumnKind::kCategorical:
      return static_cast<std::int64_t>(codes.size());
    case ColumnKind::kInteger:
      return static_cast<std::int64_t>(integers.size());
    case ColumnKind::kReal:
      return static_cast<std::int64_t>(reals.size());
    case ColumnKind::kBoolean:
      return static_cast<std::int64_t>(booleans.size());
  }
  return 0;
}

bool Column::is_missing(std::int64_t row) const noexcept {
  const auto i = static_cast<std::size_t>(row);
  if (kind == ColumnKind::kCategorical) return codes[i] < 0;
  if (kind == ColumnKind::kReal && std::isnan(reals[i])) return true;
  return !missing.empty() && missing[i] != 0;
}

std::string Column::text(std::int64_t row) const {
  if (is_missing(row)) return {};
  const auto i = static_cast<std::size_t>(row);
  switch (kind) {
    case ColumnKind::kString:
      return strings[i];
    case ColumnKind::kCategorical:
      return categories[static_cast<std::size_t>(codes[i])];
    case ColumnKind::kInteger:
      return std::to_string(integers[i]);
    case ColumnKind::kReal:
      return text_of_real(reals[i]);
    case ColumnKind::kBoolean:
      return booleans[i] != 0 ? "True" : "False";
  }
  return {};
}

std::int64_t Column::num_missing() const noexcept {
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < size(); ++row) count += is_missing(row) ? 1 : 0;
  return count;
}

Column Column::take(std::span<const std::int64_t> rows) const {
  Column result;
  result.name = name;
  result.kind = kind;
  result.categories = categories;
  result.ordered = ordered;
  result.strings = taken(strings, rows);
  result.codes = taken(codes, rows);
  result.integers = taken(integers, rows);
  result.reals = taken(reals, rows);
  result.booleans = taken(booleans, rows);
  result.missing = taken(missing, rows);
  return result;
}

Column Column::of_strings(std::string name, std::vector<std::string> values) {
  Column column;
  column.name = std::move(name);
  column.strings = std::move(values);
  return column;
}

Column Column::of_integers(std::string name, std::vector<std::int64_t> values) {
  Column column;
  column.name = std::move(name);
  column.kind = ColumnKind::kInteger;
  column.integers = std::move(values);
  return column;
}

Column Column::of_reals(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.kind = ColumnKind::kReal;
  column.reals = std::move(values);
  return column;
}

Column Column::of_codes(std::string name, std::vector<std::int32_t> codes, std::vector<std::string> categories) {
  Column column;
  column.name = std::move(name);
  column.kind = ColumnKind::kCategorical;
  column.codes = std::move(codes);
  column.categories = std::move(categories);
  return column;
}

Column as_categorical(const Column& column) {
  if (column.kind == ColumnKind::kCategorical) return column;
  const bool numeric = column.kind == ColumnKind::kInteger || column.kind == ColumnKind::kReal;
  const auto value_of = [&](std::int64_t row) {
    const auto i = static_cast<std::size_t>(row);
    if (!numeric) return 0.0;
    return column.kind == ColumnKind::kInteger ? static_cast<double>(column.integers[i]) : column.reals[i];
  };
  std::map<std::pair<double, std::string>, std::int32_t> code_of;
  for (std::int64_t row = 0; row < column.size(); ++row) {
    if (!column.is_missing(row)) code_of.emplace(std::pair{value_of(row), column.text(row)}, 0);
  }
  std::vector<std::string> categories;
  for (auto& [key, code] : code_of) {
    code = static_cast<std::int32_t>(categories.size());
    categories.push_back(key.second);
  }
  std::vector<std::int32_t> codes;
  codes.reserve(static_cast<std::size_t>(column.size()));
  for (std::int64_t row = 0; row < column.size(); ++row) {
    codes.push_back(column.is_missing(row) ? -1 : code_of.at({value_of(row), column.text(row)}));
  }
  return Column::of_codes(column.name, std::move(codes), std::move(categories));
}

}  // namespace cw
