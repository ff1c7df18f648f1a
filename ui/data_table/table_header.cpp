// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/table_header.h"

#include "ui/theme/theme.h"

#include <QPainter>

namespace cw::ui {
namespace {

constexpr int kSide = 8;

}  // namespace

TableHeader::TableHeader(const Theme& theme, QWidget* parent) : QHeaderView(Qt::Horizontal, parent), theme_(theme) {}

void TableHeader::paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const {
  painter->save();
  painter->fillRect(rect, theme_.color("panel"));
  painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme_.color("line"));
  const bool sorts = isSortIndicatorShown() && sortIndicatorSection() == logicalIndex;
  painter->setFont(theme_.font("caption", QFont::DemiBold));
  painter->setPen(theme_.color(sorts ? "ink" : "ink-2"));
  const auto alignment =
      Qt::Alignment(model()->headerData(logicalIndex, Qt::Horizontal, Qt::TextAlignmentRole).toInt());
  const bool right = alignment.testFlag(Qt::AlignRight);
  const QString arrow = sortIndicatorOrder() == Qt::DescendingOrder ? QStringLiteral("↓") : QStringLiteral("↑");
  const QRect area = rect.adjusted(kSide, 0, -kSide, 0);
  QString title = model()->headerData(logicalIndex, Qt::Horizontal, Qt::DisplayRole).toString();
  // the arrow stands on the free side, so that the words stay over their numbers
  const int room = area.width() - (sorts ? painter->fontMetrics().horizontalAdvance(arrow) + 3 : 0);
  title = painter->fontMetrics().elidedText(title, Qt::ElideRight, room);
  if (sorts) title = right ? arrow + QLatin1Char(' ') + title : title + QLatin1Char(' ') + arrow;
  painter->drawText(area, int(alignment) | Qt::TextSingleLine, title);
  painter->restore();
}

}  // namespace cw::ui
