// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <QHash>
#include <QSet>

class QLabel;
class QPushButton;
class QStackedLayout;

namespace cw::ui {

class CurveView;
class RunDetails;
class RunReader;
class RunsList;
class RunsModel;

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
  [[nodiscard]] RunsModel& runs() noexcept { return *model_; }
  [[nodiscard]] CurveView& curves() noexcept { return *curves_; }

 private:
  void makeLayout();
  void makeActions();
  void connectAll();
  void showPage();
  void followShown();
  void showCurves();
  void readFigures();
  [[nodiscard]] QStringList shown() const;

  Services& services_;
  RunsModel* model_;
  RunReader* reader_;
  RunsList* list_;
  CurveView* curves_;
  RunDetails* details_;
  QLabel* count_;
  QStackedLayout* pages_;
  QSet<QString> figuresWanted_;  // runs whose last figures are not known
  bool readingFigures_ = false;
};

}  // namespace cw::ui
