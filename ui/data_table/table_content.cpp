// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/table_content.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <cmath>
#include <limits>

namespace cw::ui {

bool TableColumn::isNumeric() const noexcept {
  return values->kind == ColumnKind::kInteger || values->kind == ColumnKind::kReal;
}

int TableContent::find(std::string_view id) const noexcept {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].values->name == id) return static_cast<int>(i);
  }
  return -1;
}

TableColumn table_column(std::shared_ptr<const Column> values, const QString& title) {
  TableColumn column;
  column.title = title;
  switch (values->kind) {
    case ColumnKind::kInteger:
      column.format = CellFormat::kCount;
      break;
    case ColumnKind::kReal:
      column.format = CellFormat::kNumber;
      column.digits = 3;
      break;
    case ColumnKind::kBoolean:
      column.format = CellFormat::kYesNo;
      break;
    case ColumnKind::kString:
    case ColumnKind::kCategorical:
      column.width = 140;
      break;
  }
  column.values = std::move(values);
  return column;
}

double cell_number(const Column& column, std::int64_t row) noexcept {
  if (column.is_missing(row)) return std::numeric_limits<double>::quiet_NaN();
  const auto i = static_cast<std::size_t>(row);
  switch (column.kind) {
    case ColumnKind::kInteger:
      return static_cast<double>(column.integers[i]);
    case ColumnKind::kReal:
      return column.reals[i];
    case ColumnKind::kBoolean:
      return column.booleans[i];
    case ColumnKind::kString:
    case ColumnKind::kCategorical:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

QString cell_text(const TableColumn& column, std::int64_t row) {
  if (column.values->is_missing(row)) return QStringLiteral("–");
  const double number = cell_number(*column.values, row);
  switch (column.format) {
    case CellFormat::kText:
      break;
    case CellFormat::kCount:
      return count_text(std::llround(number));
    case CellFormat::kPercent:
      return percent_text(number);
    case CellFormat::kNumber:
      return number_text(number, column.digits);
    case CellFormat::kFixed:
      return fixed_text(number, column.digits);
    case CellFormat::kSigned:
      return fixed_text(number, column.digits, true);
    case CellFormat::kYesNo:
      return number != 0.0 ? QCoreApplication::translate("DataTable", "yes")
                           : QCoreApplication::translate("DataTable", "no");
  }
  return QString::fromStdString(column.values->text(row));
}

QString rows_as_tsv(const TableContent& content, const std::vector<std::int64_t>& rows,
                    const std::vector<int>& columns) {
  const auto plain = [](QString text) { return text.replace(QLatin1Char('\t'), QLatin1Char(' ')); };
  QString tsv;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    tsv += (c ? QStringLiteral("\t") : QString()) + plain(content.columns[static_cast<std::size_t>(columns[c])].title);
  }
  tsv += QLatin1Char('\n');
  for (const std::int64_t row : rows) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const TableColumn& column = content.columns[static_cast<std::size_t>(columns[c])];
      if (c) tsv += QLatin1Char('\t');
      tsv += column.format == CellFormat::kYesNo ? cell_text(column, row)
                                                 : plain(QString::fromStdString(column.values->text(row)));
    }
    tsv += QLatin1Char('\n');
  }
  return tsv;
}

}  // namespace cw::ui
