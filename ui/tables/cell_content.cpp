// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/cell_content.h"

#include "ui/theme/palettes.h"

#include <QCoreApplication>

namespace cw::ui {
namespace {

constexpr std::size_t kMostColours = 28;

}  // namespace

TableContentPtr cell_content(const DatasetPtr& dataset) {
  auto content = std::make_shared<TableContent>();
  content->noun = QCoreApplication::translate("CellsPage", "cells");
  if (!dataset) return content;
  content->num_rows = dataset->num_cells();
  TableColumn names = table_column(std::make_shared<const Column>(Column::of_strings("", dataset->cells.index)),
                                   QCoreApplication::translate("CellsPage", "Cell"));
  names.width = 170;
  content->columns.push_back(std::move(names));
  for (const Column& column : dataset->cells.columns) {
    TableColumn shown =
        table_column(std::shared_ptr<const Column>(dataset, &column), QString::fromStdString(column.name));
    if (column.kind == ColumnKind::kCategorical && column.categories.size() <= kMostColours) {
      for (std::size_t i = 0; i < column.categories.size(); ++i) {
        shown.colors.push_back(category_color(static_cast<int>(i)));
      }
    }
    content->columns.push_back(std::move(shown));
  }
  return content;
}

}  // namespace cw::ui
