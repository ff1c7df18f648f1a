// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/runs/run_events.h"
#include "ui/runs/run_files.h"

#include <QWidget>

class QLabel;
class QMenu;
class QPushButton;
class QTableWidget;
class QToolButton;

namespace cw::ui {

/// The model and the checkpoints of a run, and what can be done with each.
class CheckpointsPage : public QWidget {
  Q_OBJECT
 public:
  explicit CheckpointsPage(Services& services, QWidget* parent = nullptr);
  /// `id` and title of the run.
  void setRun(const QString& id, const RunFilesPtr& files, const RunEventsPtr& events);
  /// Adds the finished model to the project's models and takes it for what comes next.
  void useModel();
  /// The same, then embeds the data set in view with it.
  void embed();

  /// The chosen checkpoint, else the newest; nullptr where there is none.
  [[nodiscard]] const RunCheckpoint* chosen() const;
  /// Starts a run of its own that goes on from it.
  void resumeFrom();
  /// Makes a model of it and embeds the data set in view.
  void embedFrom();
  /// Keeps it, or no longer; undoable.
  void toggleKept();
  /// Asks with which run its step is compared.
  void askCompare();

 Q_SIGNALS:
  void started(const QString& id);
  void keptChanged();
  void compareRequested(const QString& other, std::int64_t step);

 private:
  void makeLayout();
  void showCheckpoints(const RunEventsPtr& events);
  void showActions();
  void fillCompareMenu();
  [[nodiscard]] QString stepText(const RunCheckpoint& checkpoint) const;

  Services& services_;
  QString id_;
  RunFilesPtr files_;
  QTableWidget* table_;
  QLabel* note_;
  QPushButton* use_;
  QPushButton* embed_;
  QPushButton* resumeFrom_;
  QPushButton* embedFrom_;
  QPushButton* keep_;
  QToolButton* compare_;
  QMenu* others_;
};

}  // namespace cw::ui
