// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/excel_names.h"

#include "core/tokenize/packed_text.h"

#include <array>
#include <charconv>

namespace cw {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

struct MonthDay {
  int month = 0;
  int day = 0;
};

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> month_named(std::string_view text) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (text.substr(0, 3) == kMonths[i] && (text.size() == 3 || text == "SEPT")) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

/// "1-MAR", "MAR-01", "MAR 1".
std::optional<MonthDay> month_and_day(std::string_view text) {
  const auto dash = text.find_first_of("- ");
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = text.substr(0, dash);
  const auto second = text.substr(dash + 1);
  if (const auto month = month_named(second)) {
    if (const auto day = whole_number(first); day && first.size() <= 2) return MonthDay{*month, *day};
  }
  if (const auto month = month_named(first)) {
    if (const auto day = whole_number(second); day && second.size() <= 2) return MonthDay{*month, *day};
  }
  return std::nullopt;
}

/// "2021-09-01", with or without " 00:00:00".
std::optional<MonthDay> iso_date(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text.size() > 10 && text.substr(10) != " 00:00:00" && text.substr(10) != "T00:00:00") return std::nullopt;
  const auto year = whole_number(text.substr(0, 4));
  const auto month = whole_number(text.substr(5, 2));
  const auto day = whole_number(text.substr(8, 2));
  if (!year || !month || !day || *year < 1900 || *month < 1 || *month > 12) return std::nullopt;
  return MonthDay{*month, *day};
}

}  // namespace

std::optional<ExcelDate> excel_date(std::string_view name) {
  const auto upper = to_upper(name);
  auto date = iso_date(upper);
  if (!date) date = month_and_day(upper);
  if (!date || date->day < 1 || date->day > 31) return std::nullopt;
  ExcelDate found;
  const auto number = std::to_string(date->day);
  // HGNC renamed these families in 2020 because of spreadsheets: MARCH, MARC, SEPT, DEC
  constexpr int kMarch = 3;
  constexpr int kSeptember = 9;
  constexpr int kDecember = 12;
  if (date->month == kMarch && date->day <= 11) found.genes.push_back("MARCHF" + number);
  if (date->month == kMarch && date->day <= 2) found.genes.push_back("MTARC" + number);
  if (date->month == kSeptember && date->day <= 14) found.genes.push_back("SEPTIN" + number);
  if (date->month == kDecember && date->day == 1) found.genes.emplace_back("DELEC1");
  return found;
}

}  // namespace cw
