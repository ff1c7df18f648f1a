// SPDX-License-Identifier: GPL-3.0-or-later
// The curves as a figure: vector lines and text.
#include "ui/results/plot_ink.h"
#include "ui/runs/curve_plot.h"
#include "ui/theme/palettes.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPolygonF>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr double kLineWidth = 0.8;  // of the ink's dot
constexpr double kFaint = 0.25;
constexpr double kTickLength = 0.4;  // of a line of text

/// Room of the axes and where a point comes to lie.
class Frame {
 public:
  Frame(const QRectF& area, const CurvePlot& plot, const PlotInk& ink) : plot_(plot) {
    const QFontMetricsF text(ink.small);
    double widest = 0.0;
    for (const AxisTick& tick : plot.yTicks) widest = std::max(widest, text.horizontalAdvance(tick.text));
    const double line = text.height();
    const double names = line * static_cast<double>(plot.curves.size());
    box_ = area.adjusted(widest + line * 1.9, names + line * 0.4, -line, -line * 2.6);
  }
  [[nodiscard]] const QRectF& box() const { return box_; }
  [[nodiscard]] double x(double at) const {
    return box_.left() + (at - plot_.left) / (plot_.right - plot_.left) * box_.width();
  }
  [[nodiscard]] double y(double at) const {
    return box_.bottom() - (at - plot_.bottom) / (plot_.top - plot_.bottom) * box_.height();
  }
  [[nodiscard]] QPolygonF line(const std::vector<CurvePoint>& points) const {
    QPolygonF polygon;
    polygon.reserve(static_cast<qsizetype>(points.size()));
    for (const CurvePoint& point : points) polygon << QPointF(x(point.x), y(point.y));
    return polygon;
  }

 private:
  const CurvePlot& plot_;
  QRectF box_;
};

void paint_axes(QPainter& painter, const Frame& frame, const CurvePlot& plot, const PlotInk& ink) {
  const QRectF& box = frame.box();
  const QFontMetricsF text(ink.small);
  const double tick = text.height() * kTickLength;
  painter.setFont(ink.small);
  for (const AxisTick& mark : plot.yTicks) {
    const double y = frame.y(mark.at);
    painter.setPen(QPen(ink.line, 0.5));
    painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
    painter.setPen(ink.ink2);
    const double width = text.horizontalAdvance(mark.text);
    painter.drawText(QPointF(box.left() - tick - width, y + text.ascent() / 2.0 - text.descent() / 2.0), mark.text);
  }
  for (const AxisTick& mark : plot.xTicks) {
    const double x = frame.x(mark.at);
    painter.setPen(QPen(ink.ink3, 0.5));
    painter.drawLine(QPointF(x, box.bottom()), QPointF(x, box.bottom() + tick));
    painter.setPen(ink.ink2);
    painter.drawText(QPointF(x - text.horizontalAdvance(mark.text) / 2.0, box.bottom() + tick + text.ascent()),
                     mark.text);
  }
  painter.setPen(QPen(ink.ink3, 0.5));
  painter.drawLine(box.bottomLeft(), box.bottomRight());
  painter.setPen(ink.ink);
  const double title = text.horizontalAdvance(plot.xTitle);
  painter.drawText(QPointF(box.center().x() - title / 2.0, box.bottom() + tick + text.height() * 2.0), plot.xTitle);
  painter.save();
  const double widest = box.left() - text.height() * 1.9;
  painter.translate(box.left() - widest - text.height() * 0.9,
                    box.center().y() + text.horizontalAdvance(plot.yTitle) / 2.0);
  painter.rotate(-90.0);
  painter.drawText(QPointF(0.0, 0.0), plot.yTitle);
  painter.restore();
}

void paint_curve(QPainter& painter, const Frame& frame, const PlottedCurve& curve, const PlotInk& ink) {
  QColor color = category_color(curve.color);
  painter.setBrush(Qt::NoBrush);
  if (!curve.raw.empty()) {
    QColor faint = color;
    faint.setAlphaF(static_cast<float>(kFaint));
    painter.setPen(QPen(faint, ink.dot * kLineWidth / 2.0));
    painter.drawPolyline(frame.line(curve.raw));
  }
  painter.setPen(QPen(color, ink.dot * kLineWidth, curve.dots ? Qt::DashLine : Qt::SolidLine));
  const QPolygonF line = frame.line(curve.line);
  painter.drawPolyline(line);
  if (!curve.dots) return;
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  for (const QPointF& point : line) painter.drawEllipse(point, ink.dot, ink.dot);
}

void paint_names(QPainter& painter, const QRectF& area, const CurvePlot& plot, const PlotInk& ink) {
  const QFontMetricsF text(ink.small);
  painter.setFont(ink.small);
  double y = area.top() + text.ascent();
  for (const PlottedCurve& curve : plot.curves) {
    const double middle = y - text.ascent() * 0.35;
    painter.setPen(QPen(category_color(curve.color), ink.dot * kLineWidth, curve.dots ? Qt::DashLine : Qt::SolidLine));
    painter.drawLine(QPointF(area.left(), middle), QPointF(area.left() + text.height() * 1.6, middle));
    painter.setPen(ink.ink);
    painter.drawText(QPointF(area.left() + text.height() * 2.1, y), curve.name);
    y += text.height();
  }
}

}  // namespace

void paint_curves(QPainter& painter, const QRectF& area, const CurvePlot& plot, const PlotInk& ink) {
  if (plot.isEmpty()) return;
  painter.setRenderHint(QPainter::Antialiasing);
  const Frame frame(area, plot, ink);
  paint_axes(painter, frame, plot, ink);
  for (const PlottedCurve& curve : plot.curves) paint_curve(painter, frame, curve, ink);
  paint_names(painter, QRectF(frame.box().left(), area.top(), frame.box().width(), area.height()), plot, ink);
}

}  // namespace cw::ui
