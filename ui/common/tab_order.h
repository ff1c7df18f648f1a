// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>

class QWidget;

namespace cw::ui {

/// Tab goes through the widgets in this order, whatever the order in which they were made.
void tab_through(const QList<QWidget*>& widgets);

}  // namespace cw::ui
