// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/curve_plot.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QHash>
#include <algorithm>
#include <cmath>
#include <limits>

namespace cw::ui {
namespace {

constexpr int kXTicks = 6;
constexpr int kYTicks = 5;
constexpr double kRoom = 0.04;  // of the range, above and below
constexpr int kDigits = 5;

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Runs", text); }

// The unit of the time axis: what keeps its numbers small.
struct TimeUnit {
  double seconds = 1.0;
  QString name;
};

TimeUnit unit_for(double seconds) {
  if (seconds > 3.0 * 3600.0) return {3600.0, tr("hours")};
  if (seconds > 180.0) return {60.0, tr("minutes")};
  return {1.0, tr("seconds")};
}

double begin_of(const RunEvents& events) {
  double begin = std::numeric_limits<double>::infinity();
  for (const auto& [name, curve] : events.curves) {
    if (curve.size() > 0) begin = std::min(begin, curve.seconds.front());
  }
  return begin;
}

double longest(const std::vector<CurveRun>& runs) {
  double seconds = 0.0;
  for (const CurveRun& run : runs) {
    for (const auto& [name, curve] : run.events->curves) {
      if (curve.size() > 0) seconds = std::max(seconds, curve.seconds.back() - begin_of(*run.events));
    }
  }
  return seconds;
}

std::vector<double> logarithms(std::span<const double> values) {
  std::vector<double> logs(values.begin(), values.end());
  for (double& value : logs) value = std::log10(std::max(value, 1e-12));
  return logs;
}

PlottedCurve plot_one(const CurveRun& run, const Curve& curve, const QString& metric, const CurveSettings& settings,
                      const TimeUnit& unit) {
  PlottedCurve plotted;
  plotted.metric = metric;
  plotted.color = run.color;
  plotted.dots = metric != settings.figure;
  plotted.name = plotted.dots ? tr("%1, validation").arg(run.title) : run.title;
  plotted.steps = curve.steps;
  plotted.values = curve.values;
  plotted.x = curve.steps;
  if (settings.overTime) {
    const double begin = begin_of(*run.events);
    std::transform(curve.seconds.begin(), curve.seconds.end(), plotted.x.begin(),
                   [&](double seconds) { return (seconds - begin) / unit.seconds; });
  }
  const auto drawn = [&](std::span<const double> values) {
    return settings.logarithmic ? thin_out(plotted.x, logarithms(values), kMostPoints)
                                : thin_out(plotted.x, values, kMostPoints);
  };
  if (plotted.dots || settings.smoothing <= 0.0 || curve.size() < 3) {
    plotted.line = drawn(plotted.values);
    return plotted;
  }
  plotted.smoothed = smooth(plotted.x, plotted.values, settings.smoothing);
  plotted.raw = drawn(plotted.values);
  plotted.line = drawn(plotted.smoothed);
  return plotted;
}

// There is no half a step.
void keep_whole(std::vector<AxisTick>& ticks) {
  std::erase_if(ticks, [](const AxisTick& tick) { return std::abs(tick.at - std::round(tick.at)) > 1e-9; });
  for (AxisTick& tick : ticks) tick.text = count_text(std::llround(tick.at));
}

void set_axes(CurvePlot& plot, const TimeUnit& unit) {
  double left = std::numeric_limits<double>::infinity();
  double right = -left;
  double bottom = left;
  double top = -left;
  for (const PlottedCurve& curve : plot.curves) {
    for (const auto* points : {&curve.raw, &curve.line}) {
      for (const CurvePoint& point : *points) {
        left = std::min(left, point.x);
        right = std::max(right, point.x);
        bottom = std::min(bottom, point.y);
        top = std::max(top, point.y);
      }
    }
  }
  if (!(right > left)) right = left + 1.0;
  const double room = top > bottom ? (top - bottom) * kRoom : std::max(std::abs(top), 1.0) * kRoom;
  plot.left = left;
  plot.right = right;
  plot.bottom = bottom - room;
  plot.top = top + room;
  plot.xTicks = axis_ticks(plot.left, plot.right, kXTicks, false);
  if (!plot.settings.overTime) keep_whole(plot.xTicks);
  if (plot.settings.logarithmic) {
    plot.yTicks = axis_ticks(std::pow(10.0, plot.bottom), std::pow(10.0, plot.top), kYTicks, true);
    for (AxisTick& tick : plot.yTicks) tick.at = std::log10(std::max(tick.at, 1e-12));
  } else {
    plot.yTicks = axis_ticks(plot.bottom, plot.top, kYTicks, false);
  }
  plot.xTitle = plot.settings.overTime ? tr("Time (%1)").arg(unit.name) : tr("Step");
  plot.yTitle = figure_title(plot.settings.figure);
}

QString value_text(double value) {
  return std::abs(value) >= 1000.0 ? count_text(std::llround(value)) : number_text(value, kDigits);
}

}  // namespace

std::optional<std::size_t> PlottedCurve::nearest(double at) const {
  if (x.empty()) return std::nullopt;
  const auto next = std::lower_bound(x.begin(), x.end(), at);
  if (next == x.begin()) return 0;
  if (next == x.end()) return x.size() - 1;
  const auto before = std::prev(next);
  return static_cast<std::size_t>((at - *before <= *next - at ? before : next) - x.begin());
}

CurvePlot plot_curves(const std::vector<CurveRun>& runs, const CurveSettings& settings) {
  CurvePlot plot;
  plot.settings = settings;
  const TimeUnit unit = unit_for(longest(runs));
  QStringList metrics{settings.figure};
  if (settings.figure == QLatin1String("loss")) metrics << QStringLiteral("validation_loss");
  for (const CurveRun& run : runs) {
    for (const QString& metric : metrics) {
      const Curve* curve = run.events->curve(metric.toStdString());
      if (curve && curve->size() > 0) plot.curves.push_back(plot_one(run, *curve, metric, settings, unit));
    }
  }
  if (!plot.isEmpty()) set_axes(plot, unit);
  return plot;
}

QStringList figures_of(const std::vector<CurveRun>& runs) {
  QStringList names{QStringLiteral("loss")};
  for (const CurveRun& run : runs) {
    for (const auto& [name, curve] : run.events->curves) {
      const QString figure = QString::fromStdString(name);
      if (figure != QLatin1String("validation_loss") && !names.contains(figure)) names << figure;
    }
  }
  std::sort(names.begin() + 1, names.end());
  return names;
}

QString figure_title(const QString& name) {
  static const QHash<QString, const char*> kTitles = {
      {QStringLiteral("loss"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Loss")},
      {QStringLiteral("training_loss"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Loss between validations")},
      {QStringLiteral("validation_loss"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Validation loss")},
      {QStringLiteral("unigram_loss"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Loss of gene frequencies alone")},
      {QStringLiteral("learning_rate"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Learning rate")},
      {QStringLiteral("gradient_norm"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Norm of the gradient")},
      {QStringLiteral("tokens_per_second"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Genes per second")},
      {QStringLiteral("processors_busy"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Processors at work")},
      {QStringLiteral("memory_gb"), QT_TRANSLATE_NOOP("cw::ui::Runs", "Memory of the run (GB)")},
  };
  if (const char* title = kTitles.value(name, nullptr)) return tr(title);
  QString words = QString(name).replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!words.isEmpty()) words[0] = words[0].toUpper();
  return words;
}

QStringList read_at(const CurvePlot& plot, double x) {
  QStringList lines;
  for (const PlottedCurve& curve : plot.curves) {
    const auto at = curve.nearest(x);
    if (!at) continue;
    const QString step = count_text(std::llround(curve.steps[*at]));
    lines << (curve.smoothed.empty()
                  ? tr("%1: %2 at step %3").arg(curve.name, value_text(curve.values[*at]), step)
                  : tr("%1: %2 at step %3 (smoothed %4)")
                        .arg(curve.name, value_text(curve.values[*at]), step, value_text(curve.smoothed[*at])));
  }
  return lines;
}

QString describe(const CurvePlot& plot) {
  if (plot.isEmpty()) return tr("No curve yet");
  return plot.yTitle + QStringLiteral(": ") + read_at(plot, plot.right).join(QStringLiteral("; "));
}

}  // namespace cw::ui
