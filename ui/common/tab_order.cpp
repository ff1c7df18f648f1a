// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/tab_order.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QWidget>
#include <algorithm>

namespace cw::ui {

void tab_through(const QList<QWidget*>& widgets) {
  for (qsizetype i = 1; i < widgets.size(); ++i) QWidget::setTabOrder(widgets[i - 1], widgets[i]);
}

QList<QWidget*> in_reading_order(const QWidget& area) {
  QList<QWidget*> found;
  for (QWidget* widget : area.findChildren<QWidget*>()) {
    // parts of a box or a view are its own affair
    const bool inner =
        qobject_cast<QComboBox*>(widget->parentWidget()) || qobject_cast<QAbstractItemView*>(widget->parentWidget());
    const bool stops = (widget->focusPolicy() & Qt::TabFocus) && !widget->focusProxy();
    if (!inner && stops && widget->isVisible()) found << widget;
  }
  // those of one row need not begin at the same height: their middles are compared, in steps of half a row
  const auto place = [&area](const QWidget* widget) {
    constexpr int kHalfRow = 12;
    const QPoint middle = widget->mapTo(&area, QPoint(0, widget->height() / 2));
    return std::pair(middle.y() / kHalfRow, middle.x());
  };
  std::stable_sort(found.begin(), found.end(),
                   [&place](const QWidget* a, const QWidget* b) { return place(a) < place(b); });
  return found;
}

}  // namespace cw::ui
