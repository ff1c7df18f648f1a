// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/page_grid.h"

#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QTableWidget>

namespace cw::ui {

QTableWidget* make_grid(const QString& objectName, const QString& name, const Theme* theme, QWidget* parent) {
  auto* table = new QTableWidget(parent);
  table->setObjectName(objectName);
  table->setAccessibleName(name);
  table->setShowGrid(false);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setTabKeyNavigation(false);
  table->setFrameShape(QFrame::NoFrame);
  table->verticalHeader()->hide();
  if (theme) table->verticalHeader()->setDefaultSectionSize(theme->size("table-row"));
  table->horizontalHeader()->setHighlightSections(false);
  return table;
}

void put(QTableWidget& table, int row, int column, const QString& text, bool number) {
  auto* item = new QTableWidgetItem(text);
  item->setToolTip(text);
  item->setTextAlignment(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft));
  table.setItem(row, column, item);
}

void set_headings(QTableWidget& table, const QStringList& titles) {
  table.setColumnCount(static_cast<int>(titles.size()));
  table.setHorizontalHeaderLabels(titles);
}

}  // namespace cw::ui
