// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/plot_ink.h"
#include "ui/results/run_result.h"

#include <QImage>
#include <QWidget>
#include <vector>

namespace cw::ui {

/// Effect against confidence, one dot per gene: dots beyond both thresholds are coloured and labelled, the rest are
/// grey. Threshold lines can be dragged (and moved with the arrow keys); dots can be dragged out as genes.
class VolcanoView : public QWidget {
  Q_OBJECT
 public:
  explicit VolcanoView(const Theme& theme, QWidget* parent = nullptr);
  void setResult(RunResultPtr result);
  /// Row of the ranked list; -1 = none.
  void setSelected(const std::vector<std::int64_t>& rows);
  /// Rows the table's filters let through; others fade. Empty = all.
  [[nodiscard]] double fdr() const noexcept { return fdr_; }
  [[nodiscard]] double leastEffect() const noexcept { return leastEffect_; }
  void setThresholds(double fdr, double leastEffect);

  /// The same picture for a page. `area` in the painter's units.
  void paintPlot(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
  [[nodiscard]] QSize minimumSizeHint() const override { return {260, 200}; }
  [[nodiscard]] QSize sizeHint() const override { return {420, 300}; }

 Q_SIGNALS:
  void rowPicked(std::int64_t row);
  void thresholdsChanged(double fdr, double leastEffect);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Frame;
  enum class Grip { kNone, kFdr, kLeft, kRight };
  [[nodiscard]] Frame frameOf(const QRectF& area) const;
  [[nodiscard]] bool passes(std::size_t row) const noexcept;
  [[nodiscard]] Grip gripAt(const QPointF& at) const;
  [[nodiscard]] std::int64_t rowAt(const QPointF& at) const;
  void drawCloud();
  void paintHits(QPainter& painter, const Frame& frame, const PlotInk& ink) const;
  void paintAxes(QPainter& painter, const Frame& frame, const PlotInk& ink) const;

  const Theme& theme_;
  RunResultPtr result_;
  std::vector<float> x_;  // by row: effect
  std::vector<float> y_;  // -log10 FDR, or effect in standard errors without a null
  bool hasFdr_ = false;
  double widest_ = 1.0;
  double highest_ = 1.0;
  double fdr_ = 0.05;
  double leastEffect_ = 0.0;
  std::vector<std::int64_t> selected_;
  QImage cloud_;  // all dots in grey: thresholds are dragged over it
  Grip grip_ = Grip::kNone;
  QPointF pressed_;
  std::int64_t pressedRow_ = -1;
};

}  // namespace cw::ui
