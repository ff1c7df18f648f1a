// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/runs/run_events.h"
#include "ui/runs/run_files.h"

#include <QStringList>

class QLabel;
class QPushButton;
class QTableWidget;

namespace cw::ui {

/// The model and the checkpoints of a run, and what can be done with the model.
class CheckpointsPage : public QWidget {
  Q_OBJECT
 public:
  explicit CheckpointsPage(Services& services, QWidget* parent = nullptr);
  void setRun(const RunFilesPtr& files, const RunEventsPtr& events);
  /// Adds the finished model to the project's models and takes it for what comes next.
  void useModel();
  /// The same, then embeds the data set in view with it.
  void embed();

 private:
  Services& services_;
  RunFilesPtr files_;
  QTableWidget* table_;
  QLabel* note_;
  QPushButton* use_;
  QPushButton* embed_;
};

/// What came out of fine-tuning: a sentence, the comparison with simple methods, who was taken for whom.
class OutcomePage : public QWidget {
  Q_OBJECT
 public:
  explicit OutcomePage(Services& services, QWidget* parent = nullptr);
  void setRun(const RunFilesPtr& files);

 private:
  void showComparison(const Json& evaluation);
  void showConfusion(const ConfusionMatrix& confusion);

  Services& services_;
  QLabel* verdict_;
  QTableWidget* comparison_;
  QLabel* confusionTitle_;
  QTableWidget* confusion_;
  RunFilesPtr files_;
};

/// Settings in which the ticked runs differ.
class DifferencesPage : public QWidget {
  Q_OBJECT
 public:
  explicit DifferencesPage(QWidget* parent = nullptr);
  void setRuns(const QStringList& titles, const std::vector<RunFilesPtr>& files);

 private:
  QTableWidget* table_;
  QLabel* note_;
};

}  // namespace cw::ui
