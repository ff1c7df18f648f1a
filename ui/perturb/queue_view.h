// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/experiment_book.h"

#include <QListWidget>

namespace cw::ui {

class JobCenter;
class Theme;

/// The experiments of the project with their stage: draft, queued, running, paused, done, failed. Dragging changes the
/// order; the context menu (also Menu key) duplicates, sweeps, runs, stops, resumes, opens and removes.
class QueueView : public QListWidget {
  Q_OBJECT
 public:
  QueueView(const Theme& theme, ExperimentBook& book, JobCenter& jobs, QWidget* parent = nullptr);

 Q_SIGNALS:
  void openRequested(const QString& id);
  void runRequested(const QString& id);
  void resultRequested(const QString& id);

 protected:
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void refresh();
  [[nodiscard]] QString stageText(const Experiment& experiment) const;
  [[nodiscard]] QString idAt(int row) const;

  const Theme& theme_;
  ExperimentBook& book_;
  JobCenter& jobs_;
};

/// "38 %", "queued", "paused at 12 %": for the queue and the heading.
[[nodiscard]] QString stage_text(Stage stage, double fraction);

}  // namespace cw::ui
