// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/tab_order.h"

#include <QWidget>

namespace cw::ui {

void tab_through(const QList<QWidget*>& widgets) {
  for (qsizetype i = 1; i < widgets.size(); ++i) QWidget::setTabOrder(widgets[i - 1], widgets[i]);
}

}  // namespace cw::ui
