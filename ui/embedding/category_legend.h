// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/selection_hub.h"

#include <QListWidget>
#include <functional>

namespace cw::ui {

class Theme;

struct LegendEntry {
  int category = -1;  ///< -1 = cells without a value
  QString value;      ///< as in the file
  QString name;       ///< as shown
  QColor color;
  std::int64_t count = 0;
  bool hidden = false;
};

enum class LegendAction { kToggle, kIsolate, kShowAll, kRecolour, kStart, kGoal, kAlternative, kSelect };

/// The legend of a label column as a control: click or Space hides and shows a group, double-click or Return shows it
/// alone, dragging moves it in the list or onto a state well, F2 renames it, the menu holds the rest.
class CategoryLegend : public QListWidget {
  Q_OBJECT
 public:
  explicit CategoryLegend(const Theme& theme, QWidget* parent = nullptr);

  void setEntries(const QList<LegendEntry>& entries);
  /// What is dragged for a value; nothing where it cannot be dragged.
  void setGroupOf(std::function<Group(const QString& value)> groupOf) { groupOf_ = std::move(groupOf); }
  [[nodiscard]] QList<LegendEntry> entries() const;
  /// Width and height at which nothing is cut off.
  [[nodiscard]] QSize wantedSize() const;
  /// Moves the current entry up (-1) or down (+1).
  void moveCurrent(int by);

 Q_SIGNALS:
  void chosen(int category, cw::ui::LegendAction action);
  void renamed(int category, const QString& name);
  /// Values in their new order.
  void reordered(const QStringList& values);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void startDrag(Qt::DropActions actions) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragMoveEvent(QDragMoveEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void openMenu(const QPoint& globalPosition);
  void moveRow(int from, int to);
  [[nodiscard]] int categoryOf(const QListWidgetItem* item) const;

  const Theme& theme_;
  std::function<Group(const QString&)> groupOf_;
  QPoint pressed_;
  int dragged_ = -1;
  bool filling_ = false;
  bool doubleClicked_ = false;
};

}  // namespace cw::ui
