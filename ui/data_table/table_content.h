// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"

#include <QColor>
#include <QString>
#include <functional>
#include <memory>
#include <vector>

class QPainter;
class QRect;

namespace cw::ui {

/// How the values of a column are written.
enum class CellFormat {
  kText,     ///< as they are
  kCount,    ///< 9,015
  kPercent,  ///< a share in [0, 1]: 61 %
  kNumber,   ///< `digits` significant digits, small ones with a power
  kFixed,    ///< `digits` decimals
  kSigned,   ///< the same with a plus for positive values
  kYesNo,    ///< a boolean
};

/// One column of a table on screen: values of the core and how they are shown. The values are shared, not copied.
struct TableColumn {
  std::shared_ptr<const Column> values;  ///< its name is the id of the column
  QString title;                         ///< heading, sentence case
  QString help;                          ///< tool tip of the heading: what the value means, with its unit
  CellFormat format = CellFormat::kText;
  int digits = 2;
  int width = 100;             ///< in device-independent pixels, before the user changes it
  std::vector<QColor> colors;  ///< of the categories: a dot before the text; empty = none
  /// Draws the cell instead of its text (a bar); the text stays for copying and for screen readers.
  std::function<void(QPainter&, const QRect&, std::int64_t row)> paint = {};

  [[nodiscard]] bool isNumeric() const noexcept;
};

/// What a DataTable shows: never changed once made; a change makes another one.
struct TableContent {
  QString noun;  ///< what a row is, in the plural: "genes"
  std::vector<TableColumn> columns;
  std::int64_t num_rows = 0;
  int key = 0;  ///< the column that names a row: pinned, and searched when the user types

  /// -1 where there is none.
  [[nodiscard]] int find(std::string_view id) const noexcept;
};
using TableContentPtr = std::shared_ptr<const TableContent>;

/// The fitting format for values of the core: counts for integers, three digits for reals.
[[nodiscard]] TableColumn table_column(std::shared_ptr<const Column> values, const QString& title);

/// The value as the window shows it; "–" where missing.
[[nodiscard]] QString cell_text(const TableColumn& column, std::int64_t row);
/// NaN for missing values and for text.
[[nodiscard]] double cell_number(const Column& column, std::int64_t row) noexcept;
/// Rows as tab-separated text with a heading line, numbers in full and with a decimal point: for spreadsheets.
[[nodiscard]] QString rows_as_tsv(const TableContent& content, const std::vector<std::int64_t>& rows,
                                  const std::vector<int>& columns);

}  // namespace cw::ui
