// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <functional>

class QMenu;
class QToolButton;

namespace cw::ui {

class Chip;
struct ProjectItem;

/// The row under the menus that always says which cells, which genes and which groups are meant; undo and redo at its
/// right end.
class ChipRow : public QWidget {
  Q_OBJECT
 public:
  ChipRow(Services& services, QWidget* parent = nullptr);

 private:
  void refresh();
  void showCells();
  void showGenes();
  void showGroups();
  void fillMenus();
  void makeDrags();
  /// Lists what the project keeps of a kind at the end of a menu.
  void listKept(QMenu* menu, const QString& kind, std::function<void(const ProjectItem&)> use);

  Services& services_;
  Chip* cells_;
  Chip* genes_;
  Chip* groups_;
  QToolButton* undo_;
  QToolButton* redo_;
};

}  // namespace cw::ui
