// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QTest>
#include <QWidget>

namespace cw::ui {

/// A part of a panel by its object name.
template <class T>
[[nodiscard]] T* part(const QWidget& panel, const char* name) {
  return panel.findChild<T*>(QLatin1String(name));
}

/// Into the folder of CELLWRIGHT_SCREENSHOTS, where that is set.
inline void picture(QWidget& widget, const char* name) {
  const QString folder = qEnvironmentVariable("CELLWRIGHT_SCREENSHOTS");
  if (folder.isEmpty()) return;
  QTest::qWait(200);  // what was asked for is laid out
  widget.grab().save(QStringLiteral("%1/%2.png").arg(folder, QLatin1String(name)));
}

}  // namespace cw::ui
