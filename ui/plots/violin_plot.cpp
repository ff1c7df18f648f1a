// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_frame.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace cw::ui {
namespace {

void paint_violin(QPainter& painter, const QRectF& box, const ExpressionSummary& value, double largest,
                  const QColor& color, const PlotLook& look) {
  const double x = box.center().x();
  const double half = box.width() / 2.0 * 0.86;
  const auto y_of = [&](double number) {
    return box.bottom() - (largest > 0.0 ? number / largest : 0.0) * box.height();
  };
  if (!value.density.empty()) {
    QPainterPath shape;
    const auto points = static_cast<int>(value.density.size());
    const auto last = std::min(points - 1, static_cast<int>(value.largest / largest * (points - 1)) + 1);
    const auto point = [&](int i, double side) {
      return QPointF(x + side * half * value.density[static_cast<std::size_t>(i)], y_of(largest * i / (points - 1)));
    };
    shape.moveTo(point(0, -1.0));
    for (int i = 1; i <= last; ++i) shape.lineTo(point(i, -1.0));
    for (int i = last; i >= 0; --i) shape.lineTo(point(i, 1.0));
    shape.closeSubpath();
    painter.setPen(Qt::NoPen);
    QColor fill = color;
    fill.setAlphaF(0.75F);
    painter.setBrush(fill);
    painter.drawPath(shape);
  }
  painter.setPen(QPen(look.ink, 1.0));
  painter.drawLine(QPointF(x, y_of(value.quarter)), QPointF(x, y_of(value.three_quarters)));
  painter.setBrush(look.ink);
  painter.setPen(Qt::NoPen);
  painter.drawEllipse(QPointF(x, y_of(value.median)), 1.8, 1.8);
}

}  // namespace

std::vector<PlotSpot> paint_violins(QPainter& painter, const QRectF& area, const ExpressionTable& table,
                                    const PlotLook& look) {
  std::vector<PlotSpot> spots;
  if (table.genes.empty() || table.groups.empty()) return spots;
  const QFontMetricsF metrics(look.font);
  const QFontMetricsF fine(look.small);
  std::vector<QString> labels;
  for (const PlotGroup& group : table.groups) labels.push_back(group.label);
  const double left = widest(look.font, table.genes) +
                      fine.horizontalAdvance(table.quality ? QStringLiteral("00,000") : QStringLiteral("00.0")) + 14.0;
  const double step = std::min(90.0, (area.width() - left) / static_cast<double>(labels.size()));
  const bool upright = widest(look.font, labels) > step - 4.0;
  const double bottom =
      upright ? std::min(widest(look.font, labels), area.height() * 0.4) + 8.0 : metrics.height() + 4.0;
  const double title = fine.height() + 2.0;
  const double row = (area.height() - bottom - title) / static_cast<double>(table.genes.size());
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(look.small);
  painter.setPen(look.ink2);
  painter.drawText(QPointF(area.left(), area.top() + fine.ascent()),
                   table.quality
                       ? QCoreApplication::translate("ExpressionPanel", "Of each cell; dot: median, line: quartiles")
                       : QCoreApplication::translate("ExpressionPanel", "Expression, log(1 + counts per 10,000)"));
  for (std::size_t gene = 0; gene < table.genes.size(); ++gene) {
    const double top = area.top() + title + static_cast<double>(gene) * row;
    const double base = top + row - 4.0;
    const double high = row - 4.0 - fine.height() * 0.5;
    painter.setFont(look.font);
    painter.setPen(look.ink);
    painter.drawText(QPointF(area.left(), top + row / 2.0 + metrics.ascent() / 2.0 - 2.0), table.genes[gene]);
    painter.setFont(look.small);
    painter.setPen(look.ink2);
    const auto mark = [&](double number, double y) {
      const QString text = number >= 100 ? number_text(number) : fixed_text(number, 1);
      painter.drawText(QPointF(area.left() + left - 6.0 - fine.horizontalAdvance(text), y + fine.ascent() / 2.0 - 1.0),
                       text);
    };
    mark(0.0, base);
    if (table.largest[gene] > 0.0) mark(table.largest[gene], base - high);
    painter.setPen(QPen(look.line, 1.0));
    painter.drawLine(QPointF(area.left() + left, base),
                     QPointF(area.left() + left + step * static_cast<double>(labels.size()), base));
    for (std::size_t group = 0; group < labels.size(); ++group) {
      const QRectF box(area.left() + left + static_cast<double>(group) * step, base - high, step, high);
      paint_violin(painter, box, table.at(gene, group), table.largest[gene], table.groups[group].color, look);
      spots.push_back({box, gene, group});
    }
  }
  painter.setFont(look.font);
  painter.setPen(look.ink);
  const double below = area.bottom() - bottom + 4.0;
  for (std::size_t group = 0; group < labels.size(); ++group) {
    const double x = area.left() + left + (static_cast<double>(group) + 0.5) * step;
    const QString text = upright ? metrics.elidedText(labels[group], Qt::ElideRight, bottom - 6.0) : labels[group];
    const double width = metrics.horizontalAdvance(text);
    if (upright) {
      paint_upright(painter, QPointF(x + metrics.ascent() / 2.0 - 1.0, below + width), text);
    } else {
      painter.drawText(QPointF(x - width / 2.0, below + metrics.ascent()), text);
    }
  }
  return spots;
}

}  // namespace cw::ui
