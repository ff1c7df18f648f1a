// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/table_cell_painter.h"

#include "ui/data_table/data_table_model.h"
#include "ui/theme/theme.h"

#include <QPainter>

namespace cw::ui {
namespace {

constexpr int kSide = 8;
constexpr int kDot = 8;

void paint_dot(QPainter& painter, const QColor& color, QRect& area) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  painter.drawEllipse(QRectF(area.left(), area.center().y() - kDot / 2.0 + 0.5, kDot, kDot));
  painter.restore();
  area.adjust(kDot + 7, 0, 0, 0);
}

}  // namespace

TableCellPainter::TableCellPainter(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

void TableCellPainter::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const auto& model = static_cast<const DataTableModel&>(*index.model());
  const TableColumn& column = model.column(index.column());
  const std::int64_t row = model.sourceRow(index.row());
  const bool selected = option.state.testFlag(QStyle::State_Selected);
  if (selected || index.row() == hovered_) {
    painter->fillRect(option.rect, theme_.color(selected ? "accent-ground" : "hover"));
  }
  painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme_.color("line"));

  QRect area = option.rect.adjusted(kSide, 0, -kSide, -1);
  if (column.paint) return column.paint(*painter, area, row);
  if (!column.colors.empty() && !column.values->codes.empty()) {
    const std::int32_t code = column.values->codes[static_cast<std::size_t>(row)];
    if (code >= 0) paint_dot(*painter, column.colors[static_cast<std::size_t>(code) % column.colors.size()], area);
  }
  const bool isKey = index.column() == model.content()->key;
  painter->setFont(theme_.font("small", isKey ? QFont::Medium : QFont::Normal));
  const bool missing = column.values->is_missing(row);
  painter->setPen(theme_.color(missing ? "ink-3" : "ink"));
  const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
  const QString text = painter->fontMetrics().elidedText(cell_text(column, row), Qt::ElideRight, area.width());
  painter->drawText(area, int(alignment) | Qt::TextSingleLine, text);
}

}  // namespace cw::ui
