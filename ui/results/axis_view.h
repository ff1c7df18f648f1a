// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/chart_widget.h"
#include "ui/results/run_result.h"

namespace cw::ui {

/// What an axis view shows, without a widget: a copy of it can be drawn on any thread.
struct AxisPlot {
  RunResultPtr result;
  std::vector<std::int64_t> rows;  ///< of the ranked list, from top to bottom; the first ones that fit are drawn
  std::vector<std::int64_t> selected;

  void paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const;
  /// Of the line that says what the numbers at the right are.
  [[nodiscard]] double headHeight(const PlotInk& ink) const;
  [[nodiscard]] static double rowHeight(const PlotInk& ink);
};

/// How far the named genes move cells: a dot with its 95 % interval on the axis of the effect, the 95 % band of what
/// genes of the same rank do behind it, and the share of the way from start to goal as a number.
class AxisView : public ChartWidget {
  Q_OBJECT
 public:
  explicit AxisView(const Theme& theme, QWidget* parent = nullptr);
  void setResult(RunResultPtr result);
  /// Rows of the ranked list to show, from top to bottom; the first ones that fit are drawn.
  void setRows(std::vector<std::int64_t> rows);
  void setSelected(const std::vector<std::int64_t>& rows);
  /// The picture as it is now, for a page.
  [[nodiscard]] const AxisPlot& plot() const noexcept { return plot_; }

 Q_SIGNALS:
  void rowPicked(std::int64_t row);

 protected:
  void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  AxisPlot plot_;
};

}  // namespace cw::ui
