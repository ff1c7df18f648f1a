// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/runs/run_files.h"

#include <QHash>
#include <QSet>

class QLabel;
class QPushButton;
class QStackedLayout;

namespace cw::ui {

class CheckpointsPage;
class CurveView;
class DifferencesPage;
class MachinesBar;
class OutcomePage;
class ReplayPage;
class RunDetails;
class RunForm;
class RunReader;
class RunsList;
class RunsModel;
class TrialsPage;

/// The workspace of training: the project's runs, their curves, and one run in detail.
class RunsPanel : public Panel {
  Q_OBJECT
 public:
  explicit RunsPanel(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("runs.md"); }
  [[nodiscard]] bool hasFigure() const override;
  [[nodiscard]] FigurePainter figure() const override;
  [[nodiscard]] QString figureName() const override;
  [[nodiscard]] std::optional<Table> figureData() const override;
  [[nodiscard]] QByteArray saveView() const override;
  void restoreView(const QByteArray& view) override;

  [[nodiscard]] QString currentRun() const;
  void setCurrentRun(const QString& id);
  /// Shows the form of a new run.
  void newRun();
  [[nodiscard]] RunsModel& runs() noexcept { return *model_; }
  [[nodiscard]] MachinesBar& machines() noexcept { return *machines_; }
  [[nodiscard]] CurveView& curves() noexcept { return *curves_; }

 Q_SIGNALS:
  /// Something of the panel was asked for from elsewhere: it should come to the front.
  void shown();

 private:
  void makeLayout();
  void makeActions();
  void connectAll();
  void showPage();
  void followShown();
  void showCurves();
  void readFigures();
  void makePages();
  void compare(const QString& other, std::int64_t step);
  void readFiles();
  void showFiles();
  void leaveForm();
  [[nodiscard]] QStringList inView() const;

  Services& services_;
  RunsModel* model_;
  RunReader* reader_;
  RunsList* list_;
  CurveView* curves_;
  RunDetails* details_;
  CheckpointsPage* checkpoints_;
  OutcomePage* outcome_;
  ReplayPage* replay_;
  TrialsPage* trials_;
  DifferencesPage* differences_;
  QLabel* count_;
  MachinesBar* machines_;
  QWidget* bar_ = nullptr;
  QStackedLayout* pages_;
  RunForm* form_ = nullptr;  // made when it is first asked for
  QHash<QString, RunFilesPtr> files_;
  bool readingFiles_ = false;
  bool filesAgain_ = false;      // something changed during a reading
  QSet<QString> figuresWanted_;  // runs whose last figures are not known
  bool readingFigures_ = false;
  std::int64_t comparedStep_ = -1;  // of the figures compared; negative = the last ones
};

}  // namespace cw::ui
