// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/chart_widget.h"
#include "ui/results/volcano_plot.h"

#include <QImage>
#include <vector>

namespace cw::ui {

/// Effect against confidence, one dot per gene: dots beyond both thresholds are coloured and labelled, the rest are
/// grey. Threshold lines can be dragged (and moved with the arrow keys); dots can be dragged out as genes.
class VolcanoView : public ChartWidget {
  Q_OBJECT
 public:
  explicit VolcanoView(const Theme& theme, QWidget* parent = nullptr);
  void setResult(RunResultPtr result);
  /// Row of the ranked list; -1 = none.
  void setSelected(const std::vector<std::int64_t>& rows);
  [[nodiscard]] double fdr() const noexcept { return plot_.fdr(); }
  [[nodiscard]] double leastEffect() const noexcept { return plot_.leastEffect(); }
  void setThresholds(double fdr, double leastEffect);

  /// The picture as it is now, for a page.
  [[nodiscard]] const VolcanoPlot& plot() const noexcept { return plot_; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {260, 200}; }
  [[nodiscard]] QSize sizeHint() const override { return {420, 300}; }

 Q_SIGNALS:
  void rowPicked(std::int64_t row);
  void thresholdsChanged(double fdr, double leastEffect);

 protected:
  void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  enum class Grip { kNone, kFdr, kLeft, kRight };
  [[nodiscard]] Grip gripAt(const QPointF& at) const;
  [[nodiscard]] std::int64_t rowAt(const QPointF& at) const;
  void drawCloud();

  VolcanoPlot plot_;
  QImage cloud_;  // all dots in grey: thresholds are dragged over it
  Grip grip_ = Grip::kNone;
  QPointF pressed_;
  std::int64_t pressedRow_ = -1;
};

}  // namespace cw::ui
