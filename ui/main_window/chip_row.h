// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

class QLabel;
class QToolButton;

namespace cw::ui {

/// The row under the menus that always says which cells, which genes and which groups are meant; undo and redo at its
/// right end.
class ChipRow : public QWidget {
  Q_OBJECT
 public:
  ChipRow(Services& services, QWidget* parent = nullptr);

 private:
  void refresh();
  void fillMenus();

  Services& services_;
  QToolButton* cells_;
  QToolButton* genes_;
  QToolButton* groups_;
  QToolButton* undo_;
  QToolButton* redo_;
};

}  // namespace cw::ui
