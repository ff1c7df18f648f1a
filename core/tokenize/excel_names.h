// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// A gene name that a spreadsheet turned into a date, "1-Mar", "Sep-02", "2021-09-01", "2021-12-01 00:00:00".
struct ExcelDate {
  std::vector<std::string> genes;  ///< present symbols that it may have been; empty for dates that no gene explains
};

/// Recognises such a name (upper or lower case). MARCH1 and MARC1 both became 1-Mar, so some dates mean two genes.
[[nodiscard]] std::optional<ExcelDate> excel_date(std::string_view name);

}  // namespace cw
