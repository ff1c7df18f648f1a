// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_frame.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>

namespace cw::ui {

QString describe(const ExpressionTable& table, std::size_t gene, std::size_t group) {
  const ExpressionSummary& value = table.at(gene, group);
  if (table.quality) {
    return QCoreApplication::translate("ExpressionPanel", "%1 in %2: median %3, half of %4 cells from %5 to %6")
        .arg(table.genes[gene], table.groups[group].label, number_text(value.median, 3),
             count_text(static_cast<std::int64_t>(table.groups[group].cells.size())), number_text(value.quarter, 3),
             number_text(value.three_quarters, 3));
  }
  return QCoreApplication::translate("ExpressionPanel", "%1 in %2: mean %3, median %4, detected in %5 of %6 cells")
      .arg(table.genes[gene], table.groups[group].label, number_text(value.mean, 3), number_text(value.median, 3),
           percent_text(value.detected), count_text(static_cast<std::int64_t>(table.groups[group].cells.size())));
}

QString describe(const ExpressionTable& table) {
  QStringList texts;
  for (std::size_t gene = 0; gene < table.genes.size(); ++gene) {
    std::size_t best = 0;
    for (std::size_t group = 1; group < table.groups.size(); ++group) {
      if (table.at(gene, group).mean > table.at(gene, best).mean) best = group;
    }
    if (!table.groups.empty()) texts << describe(table, gene, best);
  }
  return texts.join(QStringLiteral("; "));
}

void paint_upright(QPainter& painter, const QPointF& at, const QString& text) {
  painter.save();
  painter.translate(at);
  painter.rotate(-90.0);
  painter.drawText(QPointF(0, 0), text);
  painter.restore();
}

double widest(const QFont& font, const std::vector<QString>& texts) {
  const QFontMetricsF metrics(font);
  double width = 0.0;
  for (const QString& text : texts) width = std::max(width, metrics.horizontalAdvance(text));
  return width;
}

}  // namespace cw::ui
