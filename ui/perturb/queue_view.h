// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/experiment_book.h"

#include <QListWidget>

namespace cw::ui {

class JobCenter;
class Theme;

/// The experiments of the project with their stage: draft, queued, running, paused, done, failed. Dragging changes the
/// order (also Alt+Up and Alt+Down): a card that is let go on the upper half of another one comes before it, on the
/// lower half after it. The context menu (also Menu key) duplicates, sweeps, runs, stops, resumes, opens, moves and
/// removes.
class QueueView : public QListWidget {
  Q_OBJECT
 public:
  QueueView(const Theme& theme, ExperimentBook& book, JobCenter& jobs, QWidget* parent = nullptr);

 Q_SIGNALS:
  void openRequested(const QString& id);
  void runRequested(const QString& id);
  void resultRequested(const QString& id);

 protected:
  bool event(QEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void startDrag(Qt::DropActions actions) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragMoveEvent(QDragMoveEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void refresh();
  /// Puts the card of a row before that of `gap`; the row after the last card is the end.
  void moveRow(int row, int gap);
  /// The row before which a card comes that is let go there.
  [[nodiscard]] int gapAt(const QPoint& place) const;
  void showGap(int gap);
  [[nodiscard]] QString stageText(const Experiment& experiment) const;
  [[nodiscard]] QString idAt(int row) const;

  const Theme& theme_;
  ExperimentBook& book_;
  JobCenter& jobs_;
  int gap_ = -1;  // where a dragged card would go; -1 = nothing is dragged
};

/// "38 %", "queued", "paused at 12 %": for the queue and the heading.
[[nodiscard]] QString stage_text(Stage stage, double fraction);

}  // namespace cw::ui
