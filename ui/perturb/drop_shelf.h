// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/well.h"

#include <QList>
#include <functional>

class QHBoxLayout;
class QLabel;

namespace cw::ui {

/// The bench within reach of every workspace: while a group or genes are dragged and the bench is not in view, its
/// wells lie over the lower edge of the middle. What is dropped goes the way of the bench's own wells.
class DropShelf : public QFrame {
  Q_OBJECT
 public:
  DropShelf(const Theme& theme, QWidget* window);

  /// A well of the bench under a name; `contents` is asked at each drag ("ctrl", "97 genes"; "" = empty).
  void add(const QString& caption, DropWell& well, const char* edge, std::function<QString()> contents);
  /// A drag is over the window: shows the wells that take it, over `area` (of the window). nullptr = it ended.
  void showDrag(const QMimeData* mime, const QRect& area);

 Q_SIGNALS:
  void taken(bool genes);

 private:
  struct Twin {
    DropWell* own = nullptr;
    DropWell* bench = nullptr;
    QLabel* text = nullptr;
    std::function<QString()> contents;
  };
  const Theme& theme_;
  QHBoxLayout* row_;
  QList<Twin> wells_;
};

}  // namespace cw::ui
