// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/row_order.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

namespace cw::ui {
namespace {

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string upper_text(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), upper);
  return result;
}

bool contains(std::string_view text, std::string_view upper_word) {
  return std::search(text.begin(), text.end(), upper_word.begin(), upper_word.end(),
                     [](char a, char b) { return upper(a) == b; }) != text.end();
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (separators.find(c) == std::string_view::npos) {
      word += upper(c);
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string_view view_of(const Column& column, std::size_t row) {
  if (column.kind == ColumnKind::kString) return column.strings[row];
  if (column.kind != ColumnKind::kCategorical || column.codes[row] < 0) return {};
  return column.categories[static_cast<std::size_t>(column.codes[row])];
}

bool is_text(const Column& column) {
  return column.kind == ColumnKind::kString || column.kind == ColumnKind::kCategorical;
}

using Passing = std::vector<std::uint8_t>;

void keep_words(const TableContent& content, const RowFilter& filter, Passing& pass) {
  const bool list = filter.text.find_first_of(",;\n\t") != std::string::npos;
  const auto words = split(filter.text, list ? ",;\n\t\r " : " ");
  const std::unordered_set<std::string> names(words.begin(), words.end());
  for (std::size_t row = 0; row < pass.size(); ++row) {
    if (!pass[row]) continue;
    if (list) {
      bool named = false;
      for (const TableColumn& column : content.columns) {
        named = named || (is_text(*column.values) && names.contains(upper_text(view_of(*column.values, row))));
      }
      pass[row] = named;
      continue;
    }
    pass[row] = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return std::any_of(content.columns.begin(), content.columns.end(), [&](const TableColumn& column) {
        return is_text(*column.values) && contains(view_of(*column.values, row), word);
      });
    });
  }
}

void keep(const TableContent& content, const RowFilter& filter, Passing& pass) {
  if (filter.kind == RowFilter::Kind::kContains) return keep_words(content, filter, pass);
  if (filter.kind == RowFilter::Kind::kRows) {
    for (std::size_t row = 0; row < pass.size(); ++row) {
      pass[row] = pass[row] && row < filter.rows->size() && (*filter.rows)[row];
    }
    return;
  }
  const int index = content.find(filter.column);
  if (index < 0) return;
  const Column& column = *content.columns[static_cast<std::size_t>(index)].values;
  const std::unordered_set<std::string> values(filter.values.begin(), filter.values.end());
  for (std::size_t row = 0; row < pass.size(); ++row) {
    if (!pass[row]) continue;
    const auto i = static_cast<std::int64_t>(row);
    if (filter.kind == RowFilter::Kind::kOneOf) {
      pass[row] = values.contains(column.text(i));
    } else {
      const double number = cell_number(column, i);  // NaN passes neither way
      pass[row] = filter.kind == RowFilter::Kind::kAtLeast ? number >= filter.number : number <= filter.number;
    }
  }
}

Passing passing(const TableContent& content, const std::vector<RowFilter>& filters,
                std::optional<std::size_t> without = {}) {
  Passing pass(static_cast<std::size_t>(content.num_rows), 1);
  for (std::size_t i = 0; i < filters.size(); ++i) {
    if (i != without) keep(content, filters[i], pass);
  }
  return pass;
}

std::int64_t count(const Passing& pass) { return std::count(pass.begin(), pass.end(), std::uint8_t{1}); }

// Position of every category in the order of names; ordered categories keep theirs.
std::vector<std::int32_t> category_ranks(const Column& column) {
  std::vector<std::int32_t> order(column.categories.size());
  std::iota(order.begin(), order.end(), 0);
  if (column.ordered) return order;
  std::sort(order.begin(), order.end(), [&column](std::int32_t a, std::int32_t b) {
    return compare_names(column.categories[static_cast<std::size_t>(a)],
                         column.categories[static_cast<std::size_t>(b)]) < 0;
  });
  std::vector<std::int32_t> rank(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return rank;
}

std::vector<double> sort_keys(const Column& column, const std::vector<std::int32_t>& rows) {
  const auto ranks = column.kind == ColumnKind::kCategorical ? category_ranks(column) : std::vector<std::int32_t>();
  std::vector<double> keys;
  keys.reserve(rows.size());
  for (const std::int32_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    if (column.kind != ColumnKind::kCategorical) {
      keys.push_back(cell_number(column, row));
    } else {
      keys.push_back(column.codes[i] < 0 ? std::nan("") : ranks[static_cast<std::size_t>(column.codes[i])]);
    }
  }
  return keys;
}

void sort_by_number(const Column& column, bool descending, std::vector<std::int32_t>& rows) {
  struct Keyed {
    double key;
    std::int32_t row;
  };
  const auto keys = sort_keys(column, rows);
  std::vector<Keyed> keyed;
  keyed.reserve(rows.size());
  std::vector<std::int32_t> missing;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::isnan(keys[i])) {
      missing.push_back(rows[i]);
    } else {
      keyed.push_back({descending ? -keys[i] : keys[i], rows[i]});
    }
  }
  std::sort(keyed.begin(), keyed.end(),
            [](const Keyed& a, const Keyed& b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
  std::size_t at = 0;
  for (const Keyed& one : keyed) rows[at++] = one.row;
  std::copy(missing.begin(), missing.end(), rows.begin() + static_cast<std::ptrdiff_t>(at));
}

void sort_by_text(const Column& column, bool descending, std::vector<std::int32_t>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [&column, descending](std::int32_t a, std::int32_t b) {
    const std::string& x = column.strings[static_cast<std::size_t>(a)];
    const std::string& y = column.strings[static_cast<std::size_t>(b)];
    if (x.empty() != y.empty()) return y.empty();
    const int order = compare_names(x, y);
    return descending ? order > 0 : order < 0;
  });
}

}  // namespace

int compare_names(std::string_view a, std::string_view b) noexcept {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (j < b.size() && b[j] == '0') ++j;
      std::size_t end_a = i;
      std::size_t end_b = j;
      while (end_a < a.size() && is_digit(a[end_a])) ++end_a;
      while (end_b < b.size() && is_digit(b[end_b])) ++end_b;
      if (end_a - i != end_b - j) return end_a - i < end_b - j ? -1 : 1;
      for (; i < end_a; ++i, ++j) {
        if (a[i] != b[j]) return a[i] < b[j] ? -1 : 1;
      }
      continue;
    }
    const char x = upper(a[i++]);
    const char y = upper(b[j++]);
    if (x != y) return static_cast<unsigned char>(x) < static_cast<unsigned char>(y) ? -1 : 1;
  }
  if (i < a.size()) return 1;
  return j < b.size() ? -1 : 0;
}

QString describe(const TableContent& content, const RowFilter& filter) {
  if (filter.kind == RowFilter::Kind::kRows) return filter.label;
  if (filter.kind == RowFilter::Kind::kContains) return QStringLiteral("“%1”").arg(QString::fromStdString(filter.text));
  const int index = content.find(filter.column);
  if (index < 0) return QString::fromStdString(filter.column);
  const TableColumn& column = content.columns[static_cast<std::size_t>(index)];
  if (filter.kind == RowFilter::Kind::kOneOf) {
    QStringList values;
    for (const std::string& value : filter.values) values << QString::fromStdString(value);
    if (values.size() > 2) values = {QCoreApplication::translate("DataTable", "%1 values").arg(values.size())};
    return QStringLiteral("%1: %2").arg(column.title, values.join(QStringLiteral(", ")));
  }
  const QString number =
      column.format == CellFormat::kPercent ? percent_text(filter.number) : number_text(filter.number, 6);
  return QStringLiteral("%1 %2 %3")
      .arg(column.title, filter.kind == RowFilter::Kind::kAtLeast ? QStringLiteral("≥") : QStringLiteral("≤"), number);
}

std::vector<std::int32_t> order_rows(const TableContent& content, const std::vector<RowFilter>& filters,
                                     const RowSort& sort) {
  std::vector<std::int32_t> rows;
  const Passing pass = passing(content, filters);
  rows.reserve(pass.size());
  for (std::size_t row = 0; row < pass.size(); ++row) {
    if (pass[row]) rows.push_back(static_cast<std::int32_t>(row));
  }
  if (sort.column < 0 || sort.column >= static_cast<int>(content.columns.size())) return rows;
  const Column& column = *content.columns[static_cast<std::size_t>(sort.column)].values;
  if (column.kind == ColumnKind::kString) {
    sort_by_text(column, sort.descending, rows);
  } else {
    sort_by_number(column, sort.descending, rows);
  }
  return rows;
}

std::optional<std::size_t> tightest_filter(const TableContent& content, const std::vector<RowFilter>& filters) {
  std::optional<std::size_t> best;
  std::pair<std::int64_t, std::int64_t> best_score;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const std::int64_t without = count(passing(content, filters, i));
    const std::int64_t alone = count(passing(content, {filters[i]}));
    const std::pair score(without, -alone);
    if (!best || score > best_score) {
      best = i;
      best_score = score;
    }
  }
  return best;
}

}  // namespace cw::ui
