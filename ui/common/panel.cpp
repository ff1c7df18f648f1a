// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/panel.h"

namespace cw::ui {

Panel::Panel(const QString& objectName, const QString& title, QWidget* parent) : QWidget(parent), title_(title) {
  setObjectName(objectName);
  setAccessibleName(title);
  setProperty("surface", "panel");
  setAttribute(Qt::WA_StyledBackground);
}

void Panel::restoreView(const QByteArray&) {}

void Panel::setTitle(const QString& title) {
  if (title == title_) return;
  title_ = title;
  setAccessibleName(title);
  Q_EMIT titleChanged(title);
}

}  // namespace cw::ui
