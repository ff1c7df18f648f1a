// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/cell_selection.h"

#include "core/api/option_json.h"
#include "core/base/random.h"
#include "core/base/words.h"

#include <algorithm>
#include <set>

namespace cw {
namespace {

constexpr std::size_t kListed = 20;
constexpr const char* kFilterPass = "filter_pass";

std::set<std::string> distinct_texts(const Column& column) {
  if (column.kind == ColumnKind::kCategorical) {
    std::vector<std::uint8_t> used(column.categories.size(), 0);
    for (const std::int32_t code : column.codes) {
      if (code >= 0) used[static_cast<std::size_t>(code)] = 1;
    }
    std::set<std::string> texts;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (used[i] != 0) texts.insert(column.categories[i]);
    }
    return texts;
  }
  std::set<std::string> texts;
  for (std::int64_t row = 0; row < column.size(); ++row) {
    if (!column.is_missing(row)) texts.insert(column.text(row));
  }
  return texts;
}

std::set<std::string> wanted_values(const std::string& typed, const std::set<std::string>& existing) {
  if (existing.contains(typed)) return {typed};
  std::set<std::string> values;
  for (std::size_t from = 0; from <= typed.size();) {
    const auto comma = std::min(typed.find(',', from), typed.size());
    values.insert(typed.substr(from, comma - from));
    from = comma + 1;
  }
  return values;
}

/// Cells whose `filter_pass` equals 1, 1.0 or true; a text "1" does not, as in the published tokenizer.
std::vector<std::uint8_t> passing_cells(const Column& column) {
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(column.size()), 0);
  for (std::int64_t row = 0; row < column.size(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    if (column.is_missing(row)) continue;
    switch (column.kind) {
      case ColumnKind::kInteger:
        keep[i] = column.integers[i] == 1 ? 1 : 0;
        break;
      case ColumnKind::kReal:
        keep[i] = column.reals[i] == 1.0 ? 1 : 0;
        break;
      case ColumnKind::kBoolean:
        keep[i] = column.booleans[i] != 0 ? 1 : 0;
        break;
      case ColumnKind::kCategorical: {
        // categories of numbers and truth values reach us as texts
        const auto text = column.text(row);
        keep[i] = text == "1" || text == "1.0" || text == "True" || text == "true" ? 1 : 0;
        break;
      }
      case ColumnKind::kString:
        break;
    }
  }
  return keep;
}

Error nothing_left(const std::vector<std::string>& rules) {
  return Error{ErrorCode::kRefused, "E-TOK-006",
               "no cell is left after " + (rules.empty() ? "filter_pass" : listed(rules, kListed)) +
                   "; each filter alone has cells, but not all together: give fewer or other values"};
}

void keep_only(std::vector<std::uint8_t>& keep, const std::vector<std::uint8_t>& also) {
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = keep[i] != 0 && also[i] != 0 ? 1 : 0;
}

}  // namespace

Error no_such_cell_column(std::string_view option, std::string_view column, const std::vector<std::string>& columns) {
  return Error{ErrorCode::kNotFound, "E-TOK-004",
               std::string(option) + ": the cells have no column \"" + std::string(column) +
                   "\"; they have: " + listed(columns, kListed)};
}

Result<std::vector<CellRule>> parse_cell_rules(const std::vector<std::string>& rules) {
  std::vector<CellRule> parsed;
  for (const auto& rule : rules) {
    const auto equals = rule.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == rule.size()) {
      return option_error("--filter", rule, "COLUMN=VALUE[,VALUE..]");
    }
    parsed.push_back({rule.substr(0, equals), rule.substr(equals + 1)});
  }
  return parsed;
}

Result<std::vector<std::uint8_t>> matching_cells(const Column& column, const CellRule& rule) {
  const auto existing = distinct_texts(column);
  const auto wanted = wanted_values(rule.values, existing);
  for (const auto& value : wanted) {
    if (existing.contains(value)) continue;
    return Error{ErrorCode::kNotFound, "E-TOK-005",
                 "--filter " + rule.column + "=" + rule.values + ": no cell has the value \"" + value +
                     "\"; there are: " + listed(existing, kListed)};
  }
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(column.size()), 0);
  if (column.kind == ColumnKind::kCategorical) {
    std::vector<std::uint8_t> is_wanted(column.categories.size(), 0);
    for (std::size_t i = 0; i < is_wanted.size(); ++i) is_wanted[i] = wanted.contains(column.categories[i]) ? 1 : 0;
    for (std::size_t i = 0; i < keep.size(); ++i) {
      keep[i] = column.codes[i] >= 0 ? is_wanted[static_cast<std::size_t>(column.codes[i])] : 0;
    }
    return keep;
  }
  for (std::int64_t row = 0; row < column.size(); ++row) {
    keep[static_cast<std::size_t>(row)] = !column.is_missing(row) && wanted.contains(column.text(row)) ? 1 : 0;
  }
  return keep;
}

Result<std::vector<std::int64_t>> select_cells(const Table& table, const std::vector<std::string>& rules) {
  CW_ASSIGN(const auto parsed, parse_cell_rules(rules));
  std::vector<std::uint8_t> keep(table.index.size(), 1);
  for (const auto& rule : parsed) {
    const auto* column = table.find(rule.column);
    if (column == nullptr) {
      std::vector<std::string> names;
      for (const auto& other : table.columns) names.push_back(other.name);
      return no_such_cell_column("--filter", rule.column, names);
    }
    CW_ASSIGN(const auto matching, matching_cells(*column, rule));
    keep_only(keep, matching);
  }
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i] != 0) rows.push_back(static_cast<std::int64_t>(i));
  }
  if (rows.empty()) return nothing_left(rules);
  return rows;
}

Result<std::vector<std::uint8_t>> select_cells(DatasetReader& reader, const std::vector<std::string>& rules,
                                               bool cell_filter) {
  CW_ASSIGN(const auto parsed, parse_cell_rules(rules));
  std::vector<std::string> names;
  for (const auto& column : reader.info().cell_columns) names.push_back(column.name);
  const auto has = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(reader.info().num_cells), 1);
  for (const auto& rule : parsed) {
    if (!has(rule.column)) return no_such_cell_column("--filter", rule.column, names);
    CW_ASSIGN(const auto column, reader.cell_column(rule.column));
    CW_ASSIGN(const auto matching, matching_cells(column, rule));
    keep_only(keep, matching);
  }
  if (cell_filter && has(kFilterPass)) {
    CW_ASSIGN(const auto column, reader.cell_column(kFilterPass));
    keep_only(keep, passing_cells(column));
  }
  if (!keep.empty() && std::none_of(keep.begin(), keep.end(), [](std::uint8_t kept) { return kept != 0; })) {
    return nothing_left(rules);
  }
  return keep;
}

std::vector<std::int64_t> limit_cells(std::span<const std::int64_t> rows, std::int64_t max_cells, std::uint64_t seed,
                                      CellSampling sampling,
                                      const std::function<std::int64_t(std::int64_t)>& length_of) {
  std::vector<std::int64_t> chosen(rows.begin(), rows.end());
  const bool limited = max_cells > 0 && static_cast<std::int64_t>(rows.size()) > max_cells;
  if (limited) {
    const auto count = static_cast<std::int64_t>(rows.size());
    const auto order =
        sampling == CellSampling::kUpstream ? numpy_permutation(seed, count) : random_permutation(seed, count);
    chosen.resize(static_cast<std::size_t>(max_cells));
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = rows[static_cast<std::size_t>(order[i])];
  }
  if (sampling == CellSampling::kOurs) {
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](std::int64_t a, std::int64_t b) { return length_of(a) > length_of(b); });
  return chosen;
}

}  // namespace cw
