// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/axis_view.h"

#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kNormal95 = 1.96;
constexpr double kTop = 2.0;

// The share of the way. It and the effect are two measures: where the effect cannot be told from 0 they may differ in
// sign, and the number beside a dot on the other side of the line would only look like a mistake.
QString share_text(const RunResult& result, std::int64_t row) {
  const double progress = result.value(row, "progress");
  const double effect = result.value(row, "effect");
  const bool holds_zero = result.value(row, "ci_low") <= 0 && result.value(row, "ci_high") >= 0;
  if (progress * effect < 0 && holds_zero) return QStringLiteral("≈\u20090\u2009%");
  return fixed_text(100.0 * progress, std::abs(progress) < 0.1 ? 2 : 0, true) + QStringLiteral("\u2009%");
}

}  // namespace

AxisView::AxisView(const Theme& theme, QWidget* parent)
    : ChartWidget(QStringLiteral("axisView"), tr("How far cells move"), theme, parent) {}

void AxisView::setResult(RunResultPtr result) {
  plot_ = {std::move(result), {}, {}};
  update();
}

void AxisView::setRows(std::vector<std::int64_t> rows) {
  plot_.rows = std::move(rows);
  update();
}

void AxisView::setSelected(const std::vector<std::int64_t>& rows) {
  plot_.selected = rows;
  update();
}

double AxisPlot::headHeight(const PlotInk& ink) const {
  return kTop + (result && result->hasStates() ? QFontMetricsF(ink.small).height() * 1.2 : 0.0);
}

double AxisPlot::rowHeight(const PlotInk& ink) { return QFontMetricsF(ink.text).height() * 1.75; }

void AxisPlot::paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  if (!result || rows.empty()) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(ink.text);
  const double row_height = rowHeight(ink);
  const double line = painter.fontMetrics().height();
  const double head = headHeight(ink);
  const double foot = 2.4 * line;
  const auto shown =
      std::min(rows.size(), static_cast<std::size_t>(std::max(1.0, (area.height() - head - foot) / row_height)));
  double widest = 1e-12;
  for (std::size_t i = 0; i < shown; ++i) {
    for (const char* column : {"effect", "ci_low", "ci_high"}) {
      const double value = std::abs(result->value(rows[i], column));
      if (std::isfinite(value)) widest = std::max(widest, value);
    }
    const double null = std::abs(result->value(rows[i], "null_mean")) + kNormal95 * result->value(rows[i], "null_sd");
    if (std::isfinite(null)) widest = std::max(widest, std::min(null, 3 * widest));
  }
  double names = 0.0;
  for (std::size_t i = 0; i < shown; ++i) {
    names = std::max<double>(names, painter.fontMetrics().horizontalAdvance(result->text(rows[i], "gene")));
  }
  names = std::clamp(names + 10, 0.2 * area.width(), 0.34 * area.width());
  const double numbers = painter.fontMetrics().horizontalAdvance(QStringLiteral("−00.00 %")) + 6;
  const QRectF plot(area.left() + names, area.top() + head, area.width() - names - numbers,
                    static_cast<double>(shown) * row_height);
  const bool two_sided = result->hasStates();
  const auto x_of = [&](double effect) {
    const double share = two_sided ? 0.5 + 0.5 * effect / (widest * 1.05) : effect / (widest * 1.05);
    return plot.left() + std::clamp(share, 0.0, 1.0) * plot.width();
  };
  bool has_null = false;
  for (std::size_t i = 0; i < shown; ++i) {
    const std::int64_t row = rows[i];
    const double y = plot.top() + (static_cast<double>(i) + 0.5) * row_height;
    if (std::find(selected.begin(), selected.end(), row) != selected.end()) {
      QColor tint = ink.accent;
      tint.setAlphaF(0.10F);
      painter.fillRect(QRectF(area.left(), y - row_height / 2, area.width(), row_height), tint);
    }
    const double null_mean = result->value(row, "null_mean");
    const double null_sd = result->value(row, "null_sd");
    if (std::isfinite(null_mean) && std::isfinite(null_sd)) {
      has_null = true;
      const double left = x_of(null_mean - kNormal95 * null_sd);
      painter.fillRect(QRectF(left, y - row_height / 2, x_of(null_mean + kNormal95 * null_sd) - left, row_height),
                       ink.band);
    }
  }
  painter.setPen(QPen(ink.ink3, 0.75));
  painter.drawLine(QPointF(x_of(0), plot.top()), QPointF(x_of(0), plot.bottom()));
  for (std::size_t i = 0; i < shown; ++i) {
    const std::int64_t row = rows[i];
    const double y = plot.top() + (static_cast<double>(i) + 0.5) * row_height;
    const double effect = result->value(row, "effect");
    const QColor color = two_sided && effect > 0 ? ink.goal : ink.start;
    painter.setPen(ink.ink);
    painter.drawText(
        QRectF(area.left(), y - row_height / 2, names - 6, row_height), Qt::AlignVCenter | Qt::AlignLeft,
        painter.fontMetrics().elidedText(result->text(row, "gene"), Qt::ElideRight, static_cast<int>(names - 6)));
    painter.setPen(QPen(color, ink.dot * 0.75));
    const double low = result->value(row, "ci_low");
    const double high = result->value(row, "ci_high");
    if (std::isfinite(low) && std::isfinite(high)) painter.drawLine(QPointF(x_of(low), y), QPointF(x_of(high), y));
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    if (std::isfinite(effect)) painter.drawEllipse(QPointF(x_of(effect), y), ink.dot * 1.8, ink.dot * 1.8);
    const double progress = result->value(row, "progress");
    const QString number = std::isfinite(progress) ? share_text(*result, row) : number_text(effect, 2);
    painter.setPen(ink.ink2);
    painter.drawText(QRectF(plot.right(), y - row_height / 2, numbers, row_height), Qt::AlignVCenter | Qt::AlignRight,
                     number);
  }
  painter.setFont(ink.small);
  painter.setPen(ink.ink2);
  const QRectF below(plot.left(), plot.bottom() + 2, plot.width(), line);
  if (two_sided) {
    painter.drawText(below, Qt::AlignLeft, AxisView::tr("← %1").arg(result->start()));
    painter.drawText(below, Qt::AlignRight, AxisView::tr("%1 →").arg(result->goal()));
    const QString share = AxisView::tr("Share of the way to %1").arg(result->goal());
    painter.drawText(
        QRectF(area.left(), area.top() + kTop, area.width(), line), Qt::AlignRight,
        painter.fontMetrics().elidedText(share, Qt::ElideRight, static_cast<int>(std::max(1.0, area.width()))));
  } else {
    painter.drawText(below, Qt::AlignRight, AxisView::tr("impact →"));
  }
  const QString note = has_null ? AxisView::tr("Line: 95 % interval. Grey: 95 % of genes of the same rank.")
                                : AxisView::tr("Line: 95 % interval. No random genes to compare with.");
  painter.drawText(QRectF(area.left(), plot.bottom() + 2 + line, area.width(), line), Qt::AlignRight, note);
}

void AxisView::paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) {
  plot_.paint(painter, area, ink);
}

void AxisView::mouseReleaseEvent(QMouseEvent* event) {
  const PlotInk ink = PlotInk::screen(theme());
  const double below = event->position().y() - chartArea().top() - plot_.headHeight(ink);
  const auto index = static_cast<std::ptrdiff_t>(std::floor(below / AxisPlot::rowHeight(ink)));
  if (index >= 0 && index < std::ssize(plot_.rows)) Q_EMIT rowPicked(plot_.rows[static_cast<std::size_t>(index)]);
}

}  // namespace cw::ui
