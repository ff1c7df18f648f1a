// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/runs/run_files.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTableWidget;

namespace cw::ui {

/// The trials of a search as they stand, the best one marked, and what can be done with it.
class TrialsPage : public QWidget {
  Q_OBJECT
 public:
  explicit TrialsPage(Services& services, QWidget* parent = nullptr);
  /// `title` of the search.
  void setRun(const RunFilesPtr& files, const QString& title);
  /// Takes the model of the best trial for what comes next; of a search that has not come so far, trains one with the
  /// best settings yet, as a run of its own.
  void useBest();

 Q_SIGNALS:
  void started(const QString& id);

 private:
  [[nodiscard]] static QString bestText(const SearchRecord& record);
  void showTrials(const SearchRecord& record);
  void addRow(const SearchRecord& record, std::int64_t trial, int row);
  Result<QString> trainBest();

  Services& services_;
  RunFilesPtr files_;
  QString title_;
  QLabel* note_;
  QTableWidget* table_;
  QPushButton* use_;
};

}  // namespace cw::ui
