// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStyledItemDelegate>

namespace cw::ui {

class Theme;

/// Draws the cells of a DataTable: text or number, a dot in the colour of its category, or the column's own picture.
class TableCellPainter : public QStyledItemDelegate {
  Q_OBJECT
 public:
  TableCellPainter(const Theme& theme, QObject* parent);
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  /// Row that the mouse is over, -1 = none.
  void setHoveredRow(int row) { hovered_ = row; }

 private:
  const Theme& theme_;
  int hovered_ = -1;
};

}  // namespace cw::ui
