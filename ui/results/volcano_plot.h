// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/plot_ink.h"
#include "ui/results/run_result.h"

#include <QRectF>
#include <vector>

class QPainter;

namespace cw::ui {

/// What a volcano shows, without a widget: a copy of it can be drawn on any thread.
class VolcanoPlot {
 public:
  /// Places in the units of the painter.
  struct Frame {
    QRectF plot;
    double low = -1.0;
    double high = 1.0;
    double top = 1.0;
    [[nodiscard]] double x(double effect) const { return plot.left() + (effect - low) / (high - low) * plot.width(); }
    [[nodiscard]] double y(double height) const { return plot.bottom() - height / top * plot.height(); }
    [[nodiscard]] QPointF at(double effect, double height) const { return {x(effect), y(height)}; }
    [[nodiscard]] double effect(double px) const { return low + (px - plot.left()) / plot.width() * (high - low); }
    [[nodiscard]] double height(double py) const { return (plot.bottom() - py) / plot.height() * top; }
  };

  /// Thresholds stay, the selection goes.
  void setResult(RunResultPtr result);
  void setThresholds(double fdr, double leastEffect);
  /// Rows of the ranked list that are marked and named first.
  void setSelected(const std::vector<std::int64_t>& rows) { selected_ = rows; }

  [[nodiscard]] const RunResultPtr& result() const noexcept { return result_; }
  [[nodiscard]] double fdr() const noexcept { return fdr_; }
  [[nodiscard]] double leastEffect() const noexcept { return leastEffect_; }
  [[nodiscard]] bool hasFdr() const noexcept { return hasFdr_; }
  /// The largest effect of a row, without its sign.
  [[nodiscard]] double widest() const noexcept { return widest_; }
  [[nodiscard]] std::size_t numRows() const noexcept { return x_.size(); }
  /// The row has an effect and a confidence.
  [[nodiscard]] bool isPlaced(std::size_t row) const noexcept;
  [[nodiscard]] QPointF at(const Frame& frame, std::size_t row) const { return frame.at(x_[row], y_[row]); }
  /// Beyond both thresholds.
  [[nodiscard]] bool passes(std::size_t row) const noexcept;
  [[nodiscard]] Frame frameOf(const QRectF& area) const;

  void paintAxes(QPainter& painter, const Frame& frame, const PlotInk& ink) const;
  void paintHits(QPainter& painter, const Frame& frame, const PlotInk& ink) const;
  /// All of it, for a page: more than 20,000 grey dots become a picture in vector files.
  void paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const;

 private:
  RunResultPtr result_;
  std::vector<float> x_;  // by row: effect
  std::vector<float> y_;  // -log10 FDR, or effect in standard errors without a null
  std::int64_t numUnplaced_ = 0;
  bool hasFdr_ = false;
  double widest_ = 1e-12;
  double highest_ = 1.0;
  double fdr_ = 0.05;
  double leastEffect_ = 0.0;
  std::vector<std::int64_t> selected_;
};

}  // namespace cw::ui
