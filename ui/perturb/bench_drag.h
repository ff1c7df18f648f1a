// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPointer>
#include <QTimer>

class QMimeData;
class QWidget;

namespace cw::ui {

class BenchPage;
class DropShelf;
class ExperimentBook;
struct Services;

/// Follows drags over the window: on the bench its wells light up; in other workspaces they come to the drag.
class BenchDrag : public QObject {
  Q_OBJECT
 public:
  /// `panel`: the bench's panel, whose place in the window is the middle.
  BenchDrag(Services& services, BenchPage& page, ExperimentBook& book, QWidget& panel);
  bool eventFilter(QObject* watched, QEvent* event) override;

 Q_SIGNALS:
  /// Genes were dropped on the shelf: the bench shows them and what is to be done next.
  void genesTaken();

 private:
  void showDrag(const QMimeData* mime);
  void makeShelf();

  Services& services_;
  BenchPage& page_;
  ExperimentBook& book_;
  QWidget& panel_;
  QPointer<DropShelf> shelf_;  // of the window; made at the first drag
  QTimer gone_;
};

}  // namespace cw::ui
