// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/runs/run_events.h"
#include "ui/runs/run_files.h"

#include <QStringList>

class QLabel;
class QTableWidget;

namespace cw::ui {

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

/// Settings in which the ticked runs differ, and their figures.
class DifferencesPage : public QWidget {
  Q_OBJECT
 public:
  explicit DifferencesPage(QWidget* parent = nullptr);
  /// The figures are those at `step`, or the last ones where it is negative.
  void setRuns(const QStringList& titles, const std::vector<RunFilesPtr>& files,
               const std::vector<RunEventsPtr>& events, std::int64_t step);

 private:
  QTableWidget* table_;
  QLabel* note_;
};

}  // namespace cw::ui
