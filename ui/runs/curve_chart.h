// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/runs/curve_plot.h"

#include <QtCharts/QChartView>

#include <optional>

class QLabel;

namespace cw::ui {

class Theme;

/// The curves on the screen. The mouse, or the arrow keys, read exact values: a line at the place, the values beside
/// it. Home and End go to the first and the last step, Escape puts the reading away.
class CurveChart : public QChartView {
  Q_OBJECT
 public:
  explicit CurveChart(const Theme& theme, QWidget* parent = nullptr);
  void setPlot(CurvePlotPtr plot);
  [[nodiscard]] const CurvePlotPtr& plot() const noexcept { return plot_; }
  /// The values that are read off at the moment, one line per curve; "" = none.
  [[nodiscard]] QString reading() const;
  /// Reads at a place of the x axis.
  void readAt(double x);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void drawForeground(QPainter* painter, const QRectF& area) override;

 private:
  void rebuild();
  void restyle();
  void addAxes();
  void addCurve(const PlottedCurve& curve);
  void step(int by);
  void stopReading();
  [[nodiscard]] double pixelOf(double x) const;

  const Theme& theme_;
  CurvePlotPtr plot_;
  QLabel* readout_;
  std::optional<double> place_;
};

}  // namespace cw::ui
