// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/label_choices.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Runs", text); }

struct NumberRange {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();
  std::int64_t cells = 0;
};

NumberRange range_of(const Column& column) {
  NumberRange range;
  for (std::int64_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    const auto at = static_cast<std::size_t>(row);
    const double value = column.kind == ColumnKind::kReal ? column.reals[at] : static_cast<double>(column.integers[at]);
    if (!std::isfinite(value)) continue;
    range.least = std::min(range.least, value);
    range.most = std::max(range.most, value);
    ++range.cells;
  }
  return range;
}

}  // namespace

QStringList number_columns(const Dataset& dataset) {
  QStringList names;
  for (const Column& column : dataset.cells.columns) {
    if (column.kind == ColumnKind::kReal || column.kind == ColumnKind::kInteger) {
      names << QString::fromStdString(column.name);
    }
  }
  return names;
}

NumberOutlook number_outlook(const Dataset& dataset, const std::string& name) {
  const Column* column = dataset.cells.find(name);
  if (!column) return {};
  const NumberRange range = range_of(*column);
  if (range.cells == 0) return {tr("No cell has a number in this column."), false};
  if (range.least == range.most) {
    return {tr("All cells have %1 in this column: there is nothing to learn.").arg(number_text(range.least, 4)), false};
  }
  return {tr("A number from %1 to %2, known of %3 of %4 cells. Beside what the model learns stand the mean and ridge "
             "regression on the same cells.")
              .arg(number_text(range.least, 4), number_text(range.most, 4), count_text(range.cells),
                   count_text(dataset.num_cells())),
          true};
}

}  // namespace cw::ui
