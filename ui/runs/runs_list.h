// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTableView>

namespace cw::ui {

class RunsModel;
class Theme;

/// The list of runs, sorted by any column; Space ticks the current run.
class RunsList : public QTableView {
  Q_OBJECT
 public:
  RunsList(RunsModel& model, const Theme& theme, QWidget* parent = nullptr);
  /// "" = none.
  [[nodiscard]] QString currentRun() const;
  void setCurrentRun(const QString& id);

 Q_SIGNALS:
  void currentRunChanged();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  RunsModel& model_;
};

}  // namespace cw::ui
