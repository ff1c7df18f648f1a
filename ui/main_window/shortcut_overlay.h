// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <QFrame>

namespace cw::ui {

/// All keys of the window on one sheet above it, grouped as in the menus; any key or click closes it.
class ShortcutOverlay : public QFrame {
  Q_OBJECT
 public:
  ShortcutOverlay(Services& services, QWidget* window);
  void open();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  void fill();

  Services& services_;
  QWidget* sheet_ = nullptr;
};

}  // namespace cw::ui
