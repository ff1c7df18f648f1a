// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>

class QWidget;

namespace cw::ui {

/// Tab goes through the widgets in this order, whatever the order in which they were made.
void tab_through(const QList<QWidget*>& widgets);

/// What Tab can stop at within `area` and is visible, as it is read: from top to bottom, then from left to right.
[[nodiscard]] QList<QWidget*> in_reading_order(const QWidget& area);

}  // namespace cw::ui
