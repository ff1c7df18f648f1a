// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/runs/curve_math.h"
#include "ui/runs/run_events.h"

#include <QColor>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <memory>
#include <optional>

class QPainter;

namespace cw::ui {

struct PlotInk;

/// What is plotted and how.
struct CurveSettings {
  QString figure = QStringLiteral("loss");  ///< name in the log; "loss" shows the validation loss with it
  bool logarithmic = false;
  bool overTime = false;   ///< x is the time since the run began, else its steps
  double smoothing = 0.6;  ///< strength in [0, 1)
  [[nodiscard]] bool operator==(const CurveSettings&) const = default;
};

/// A run to be plotted.
struct CurveRun {
  QString title;
  int color = 0;  ///< of category_color
  RunEventsPtr events;
};

/// One curve, ready to be drawn: axis values (decimal logarithms on a logarithmic axis), thinned out.
struct PlottedCurve {
  QString name;  ///< "V1 on kang", "V1 on kang, validation"
  QString metric;
  int color = 0;
  bool dots = false;             ///< a few points, each marked: validation
  std::vector<CurvePoint> raw;   ///< empty where nothing was smoothed
  std::vector<CurvePoint> line;  ///< smoothed, or as it is
  std::vector<double> x;         ///< every point
  std::vector<double> steps;     ///< every point
  std::vector<double> values;    ///< every point, as logged
  std::vector<double> smoothed;  ///< every point; empty where nothing was smoothed
  /// The point nearest to a place on the x axis; nothing for an empty curve.
  [[nodiscard]] std::optional<std::size_t> nearest(double at) const;
};

/// All curves of a view with their axes: made off the window's thread, drawn by the chart and by the figure.
struct CurvePlot {
  CurveSettings settings;
  std::vector<PlottedCurve> curves;
  double left = 0.0, right = 1.0;  ///< of the x axis
  double bottom = 0.0, top = 1.0;  ///< of the y axis, as in PlottedCurve
  std::vector<AxisTick> xTicks;
  std::vector<AxisTick> yTicks;  ///< places as in PlottedCurve
  QString xTitle;
  QString yTitle;
  [[nodiscard]] bool isEmpty() const noexcept { return curves.empty(); }
};
using CurvePlotPtr = std::shared_ptr<const CurvePlot>;

/// Most points of a curve that are drawn: more cannot be seen.
inline constexpr std::size_t kMostPoints = 2400;

[[nodiscard]] CurvePlot plot_curves(const std::vector<CurveRun>& runs, const CurveSettings& settings);
/// The figures that the runs have besides those shown together with "loss", "loss" first.
[[nodiscard]] QStringList figures_of(const std::vector<CurveRun>& runs);
/// "validation_loss" -> "Validation loss".
[[nodiscard]] QString figure_title(const QString& name);
/// What is known at a place of the x axis, one line per curve: "V1 on kang: 4.9123 at step 1,200 (smoothed 4.8876)".
[[nodiscard]] QStringList read_at(const CurvePlot& plot, double x);
/// All of it in words, for screen readers: the last value of every curve.
[[nodiscard]] QString describe(const CurvePlot& plot);

/// Draws axes, curves and their names.
void paint_curves(QPainter& painter, const QRectF& area, const CurvePlot& plot, const PlotInk& ink);

}  // namespace cw::ui
