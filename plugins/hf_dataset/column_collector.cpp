// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/column_collector.h"

#include <algorithm>
#include <limits>

namespace cw {

std::optional<ColumnKind> column_kind(const ArrowField& field, bool is_class_label) {
  const bool text = (field.kind == ArrowKind::kText || field.kind == ArrowKind::kLargeText) && !field.binary;
  if (field.dictionary) return text ? std::optional(ColumnKind::kCategorical) : std::nullopt;
  if (text) return ColumnKind::kString;
  if (field.kind == ArrowKind::kInteger) return is_class_label ? ColumnKind::kCategorical : ColumnKind::kInteger;
  if (field.kind == ArrowKind::kReal && field.bit_width >= 32) return ColumnKind::kReal;
  if (field.kind == ArrowKind::kBoolean) return ColumnKind::kBoolean;
  return std::nullopt;
}

ColumnCollector::ColumnCollector(const ArrowField& field, std::vector<std::string> class_names)
    : from_dictionary_(field.dictionary.has_value()) {
  column_.name = field.name;
  column_.kind = column_kind(field, !class_names.empty()).value_or(ColumnKind::kString);
  column_.categories = std::move(class_names);
}

std::int32_t ColumnCollector::code_of(const std::string& category) {
  const auto [entry, is_new] = known_.emplace(category, static_cast<std::int32_t>(column_.categories.size()));
  if (is_new) column_.categories.push_back(category);
  return entry->second;
}

void ColumnCollector::add_dictionary(const ArrowColumn& values, bool is_delta) {
  if (!is_delta) dictionary_.clear();
  for (std::int64_t i = 0; i < values.size(); ++i) {
    dictionary_.push_back(values.is_null(i) ? -1 : code_of(std::string(values.text(i))));
  }
}

Result<> ColumnCollector::add_codes(const ArrowFile& file, const ArrowColumn& values) {
  const std::size_t limit = from_dictionary_ ? dictionary_.size() : column_.categories.size();
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const std::int64_t index = values.is_null(i) ? -1 : values.integer(i);
    if (values.is_null(i) || (index == -1 && !from_dictionary_)) {  // datasets stores missing class labels as -1
      column_.codes.push_back(-1);
      continue;
    }
    if (index < 0 || static_cast<std::size_t>(index) >= limit) {
      return file.damaged(column_.name + " refers to category " + std::to_string(index) + " of " +
                          std::to_string(limit));
    }
    column_.codes.push_back(from_dictionary_ ? dictionary_[static_cast<std::size_t>(index)]
                                             : static_cast<std::int32_t>(index));
  }
  return {};
}

Result<> ColumnCollector::add(const ArrowFile& file, const ArrowColumn& values) {
  if (column_.kind == ColumnKind::kCategorical) return add_codes(file, values);
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const bool missing = values.is_null(i);
    switch (column_.kind) {
      case ColumnKind::kInteger:
        column_.integers.push_back(missing ? 0 : values.integer(i));
        break;
      case ColumnKind::kReal:
        column_.reals.push_back(missing ? std::numeric_limits<double>::quiet_NaN() : values.real(i));
        break;
      case ColumnKind::kBoolean:
        column_.booleans.push_back(!missing && values.boolean(i) ? 1 : 0);
        break;
      default:
        column_.strings.emplace_back(missing ? std::string_view() : values.text(i));
    }
    if (column_.kind != ColumnKind::kReal) column_.missing.push_back(missing ? 1 : 0);
  }
  return {};
}

Column ColumnCollector::take() && {
  const bool any = std::find(column_.missing.begin(), column_.missing.end(), 1) != column_.missing.end();
  if (!any) column_.missing.clear();
  return std::move(column_);
}

}  // namespace cw
