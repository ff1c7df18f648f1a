// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/rank_list_model.h"
#include "ui/perturb/warm_session.h"

#include <QList>
#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QSpinBox;

namespace cw::ui {

class Theme;

/// Where the cell is on the way from start to goal, and the steps that led there.
class CellTrack : public QWidget {
  Q_OBJECT
 public:
  explicit CellTrack(const Theme& theme, QWidget* parent = nullptr);
  struct Step {
    QString label;
    double similarity = 1.0;
    double progress = 0.0;
    QList<std::pair<QString, double>> shifts;
  };
  void setStates(const QString& start, const QString& goal);
  void clear();
  void add(Step step);
  [[nodiscard]] const QList<Step>& steps() const noexcept { return steps_; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme& theme_;
  QString start_;
  QString goal_;
  QList<Step> steps_;
};

/// The rank microscope: what the model sees of one cell, and how the cell moves while genes are moved by hand. Drag a
/// gene up or down; Alt+Up and Alt+Down move it by one place (with Shift by ten), Alt+Home and Alt+End to the ends,
/// Delete takes it out.
class RankMicroscope : public QWidget {
  Q_OBJECT
 public:
  RankMicroscope(const Theme& theme, WarmSession& warm, QWidget* parent = nullptr);

  /// A cell of the data set.
  struct Cell {
    std::int64_t row = 0;
    std::string name;
  };
  /// The model, data and states to use; the cells that may be looked at (those of START, or all).
  void setExperiment(const PerturbOptions& options, std::vector<Cell> cells);
  void setNote(const QString& note);
  [[nodiscard]] RankListModel& list() noexcept { return *model_; }
  [[nodiscard]] const CellTrack& track() const noexcept { return *track_; }
  bool eventFilter(QObject* watched, QEvent* event) override;

 Q_SIGNALS:
  void answered();

 private:
  void openCell(int number);
  void ask();
  [[nodiscard]] Json cellJson(int number) const;
  void take(const Json& answer);
  void showNumbers(const Json& answer);

  const Theme& theme_;
  WarmSession& warm_;
  PerturbOptions options_;
  std::vector<Cell> cells_;
  RankListModel* model_;
  QListView* view_;
  QLineEdit* find_;
  QSpinBox* cell_;
  QLabel* of_;
  QLabel* name_;
  QLabel* numbers_;
  QLabel* changes_;
  CellTrack* track_;
  QTimer wait_;  // a drag over many places asks once
};

}  // namespace cw::ui
