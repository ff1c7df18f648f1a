// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_frame.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("ExpressionPanel", text); }

// A gene's mean relative to its largest over the groups: rare genes stay visible beside common ones.
double relative(const ExpressionTable& table, std::size_t gene, std::size_t group) {
  double top = 0.0;
  for (std::size_t g = 0; g < table.groups.size(); ++g) top = std::max(top, table.at(gene, g).mean);
  return top > 0.0 ? table.at(gene, group).mean / top : 0.0;
}

void paint_keys(QPainter& painter, const QRectF& area, double largest_dot, const PlotLook& look) {
  const QFontMetricsF metrics(look.small);
  painter.setFont(look.small);
  painter.setPen(look.ink2);
  double y = area.top() + metrics.ascent();
  painter.drawText(QPointF(area.left(), y), tr("Detected in"));
  y += metrics.height() * 0.5;
  for (const double share : {0.25, 0.5, 1.0}) {
    const double radius = largest_dot / 2.0 * std::sqrt(share);
    y += std::max(metrics.height(), largest_dot) / 2.0 + 1.0;
    painter.setBrush(look.ink2);
    painter.setPen(Qt::NoPen);
    painter.drawEllipse(QPointF(area.left() + largest_dot / 2.0, y), radius, radius);
    painter.setPen(look.ink2);
    painter.drawText(QPointF(area.left() + largest_dot + 5.0, y + metrics.ascent() / 2.0 - 1.0), percent_text(share));
    y += std::max(metrics.height(), largest_dot) / 2.0 + 1.0;
  }
  y += metrics.height();
  painter.drawText(QPointF(area.left(), y), tr("Mean of gene"));
  y += metrics.height() * 0.4;
  const QList<QRgb>& scale = color_scale(QStringLiteral("viridis"));
  const double width = std::min(area.width(), 60.0);
  for (int i = 0; i < 32; ++i) {
    painter.fillRect(QRectF(area.left() + width * i / 32.0, y, width / 32.0 + 0.3, metrics.height() * 0.6),
                     QColor(scale_color(scale, 31 - i, 0, 31)));
  }
  y += metrics.height() * 0.6 + metrics.ascent() + 1.0;
  painter.drawText(QPointF(area.left(), y), tr("none"));
  painter.drawText(QPointF(area.left() + width - metrics.horizontalAdvance(tr("most")), y), tr("most"));
}

}  // namespace

std::vector<PlotSpot> paint_dot_plot(QPainter& painter, const QRectF& area, const ExpressionTable& table,
                                     const PlotLook& look) {
  std::vector<PlotSpot> spots;
  if (table.genes.empty() || table.groups.empty()) return spots;
  const QFontMetricsF metrics(look.font);
  std::vector<QString> labels;
  for (const PlotGroup& group : table.groups) labels.push_back(group.label);
  const double left = std::min(widest(look.font, labels) + 8.0, area.width() * 0.35);
  const double key = QFontMetricsF(look.small).horizontalAdvance(tr("Mean of gene")) + 16.0;
  const double columns = static_cast<double>(table.genes.size());
  const double rows = static_cast<double>(table.groups.size());
  const double step_x = std::min(metrics.height() * 2.2, (area.width() - left - key) / columns);
  const bool upright = widest(look.font, table.genes) > step_x - 4.0;
  const double bottom = upright ? widest(look.font, table.genes) + 8.0 : metrics.height() + 4.0;
  const double step_y = std::min(metrics.height() * 2.0, (area.height() - bottom) / rows);
  const double dot = std::min(step_x, step_y) * 0.88;
  painter.setRenderHint(QPainter::Antialiasing);
  const QList<QRgb>& scale = color_scale(QStringLiteral("viridis"));
  for (std::size_t group = 0; group < table.groups.size(); ++group) {
    const double y = area.top() + (static_cast<double>(group) + 0.5) * step_y;
    painter.setFont(look.font);
    painter.setPen(look.ink);
    painter.drawText(QPointF(area.left(), y + metrics.ascent() / 2.0 - 1.0),
                     metrics.elidedText(labels[group], Qt::ElideRight, left - 6.0));
    for (std::size_t gene = 0; gene < table.genes.size(); ++gene) {
      const double x = area.left() + left + (static_cast<double>(gene) + 0.5) * step_x;
      const double radius = dot / 2.0 * std::sqrt(table.at(gene, group).detected);
      painter.setPen(Qt::NoPen);
      // dark = much: the scale is turned so that it reads on white
      painter.setBrush(QColor(scale_color(scale, 1.0 - relative(table, gene, group), 0.0, 1.0)));
      painter.drawEllipse(QPointF(x, y), radius, radius);
      spots.push_back({QRectF(x - step_x / 2.0, y - step_y / 2.0, step_x, step_y), gene, group});
    }
  }
  painter.setPen(look.ink);
  painter.setFont(look.font);
  const double below = area.top() + rows * step_y + 4.0;
  for (std::size_t gene = 0; gene < table.genes.size(); ++gene) {
    const double x = area.left() + left + (static_cast<double>(gene) + 0.5) * step_x;
    const double width = metrics.horizontalAdvance(table.genes[gene]);
    if (upright) {
      paint_upright(painter, QPointF(x + metrics.ascent() / 2.0 - 1.0, below + width), table.genes[gene]);
    } else {
      painter.drawText(QPointF(x - width / 2.0, below + metrics.ascent()), table.genes[gene]);
    }
  }
  const double right = area.left() + left + columns * step_x + 16.0;
  paint_keys(painter, QRectF(right, area.top(), area.right() - right, area.height()), dot, look);
  return spots;
}

}  // namespace cw::ui
