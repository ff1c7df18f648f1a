// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/runs/curve_plot.h"

#include <QList>

class QComboBox;
class QSlider;
class QStackedLayout;
class QToolButton;

namespace cw::ui {

class CurveChart;

/// The curves with what they are shown by: which figure, over steps or time, logarithmic, how much smoothed.
class CurveView : public QWidget {
  Q_OBJECT
 public:
  explicit CurveView(Services& services, QWidget* parent = nullptr);
  void setRuns(std::vector<CurveRun> runs);
  [[nodiscard]] const CurvePlotPtr& plot() const noexcept { return plot_; }
  [[nodiscard]] const CurveSettings& settings() const noexcept { return settings_; }
  void setSettings(const CurveSettings& settings);
  [[nodiscard]] CurveChart& chart() noexcept { return *chart_; }

 Q_SIGNALS:
  /// Drawn anew.
  void drawn();

 private:
  void makeHeader(QWidget* header);
  void showSettings();
  void showFigures();
  void draw();

  Services& services_;
  QComboBox* figure_;
  QToolButton* logarithmic_;
  QToolButton* time_;
  QSlider* smoothing_;
  QWidget* empty_;
  CurveChart* chart_;
  QStackedLayout* pages_;
  std::vector<CurveRun> runs_;
  CurveSettings settings_;
  CurvePlotPtr plot_;
  Task drawing_;
};

}  // namespace cw::ui
