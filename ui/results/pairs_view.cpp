// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/pairs_view.h"

#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace cw::ui {
namespace {

constexpr int kMostGenes = 40;  // of the matrix: smaller squares say nothing

QString name_of(const Perturbation& p, std::size_t gene) {
  const std::string& symbol = p.symbols[gene];
  return QString::fromStdString(symbol.empty() ? p.ensembl_ids[gene] : symbol);
}

// From the start's colour over the ground to the goal's: 0 is the ground.
QColor diverging(const PlotInk& ink, double share) {
  const QColor& end = share < 0 ? ink.start : ink.goal;
  const float t = static_cast<float>(std::min(1.0, std::abs(share)));
  const auto mixed = [t](float ground, float color) { return ground + (color - ground) * t; };
  return QColor::fromRgbF(mixed(ink.ground.redF(), end.redF()), mixed(ink.ground.greenF(), end.greenF()),
                          mixed(ink.ground.blueF(), end.blueF()));
}

QString signed_text(double value) { return (value > 0 ? QStringLiteral("+") : QString()) + number_text(value, 2); }

}  // namespace

PairTable pairs_of(const RunResult& result) {
  PairTable table;
  const Effects& effects = *result.effects;
  std::set<std::int32_t> anchors;
  for (const Perturbation& p : effects.perturbations) {
    if (p.role == "anchor" && p.tokens.size() == 1) anchors.insert(p.tokens.front());
  }
  struct Named {
    PairTable::Pair pair;
    QString first, second;
  };
  std::vector<Named> found;
  QHash<QString, double> weight;  // |synergy| of a gene over its pairs
  for (std::int64_t row = 0; row < result.numRows(); ++row) {
    const std::int32_t index = result.perturbationOfRow[static_cast<std::size_t>(row)];
    if (index < 0) continue;
    const Perturbation& p = effects.perturbations[static_cast<std::size_t>(index)];
    if (p.role != "pair" || p.tokens.size() != 2) continue;
    const bool swapped = anchors.contains(p.tokens[0]);
    Named one{{row, 0, 0, result.value(row, "effect"), result.value(row, "synergy")},
              name_of(p, swapped ? 1 : 0),
              name_of(p, swapped ? 0 : 1)};
    if (swapped || anchors.contains(p.tokens[1])) table.anchor = one.second;
    const double size = std::isfinite(one.pair.synergy) ? std::abs(one.pair.synergy) : 0.0;
    weight[one.first] += size;
    weight[one.second] += size;
    table.largest = std::max(table.largest, size);
    found.push_back(std::move(one));
  }
  table.genes = weight.keys();
  std::sort(table.genes.begin(), table.genes.end(), [&weight](const QString& a, const QString& b) {
    return std::pair(-weight[a], a) < std::pair(-weight[b], b);
  });
  for (Named& one : found) {
    one.pair.first = static_cast<int>(table.genes.indexOf(one.first));
    one.pair.second = static_cast<int>(table.genes.indexOf(one.second));
    table.pairs.push_back(one.pair);
  }
  std::stable_sort(table.pairs.begin(), table.pairs.end(), [](const auto& a, const auto& b) {
    const auto size = [](double v) { return std::isfinite(v) ? std::abs(v) : -1.0; };
    return size(a.synergy) > size(b.synergy);
  });
  return table;
}

PairsView::PairsView(const Theme& theme, QWidget* parent)
    : ChartWidget(QStringLiteral("pairsView"), tr("Pairs of genes"), theme, parent) {}

void PairsView::setResult(const RunResultPtr& result) {
  plot_ = {result ? pairs_of(*result) : PairTable{}, {}};
  spots_.clear();
  QStringList texts;
  for (std::size_t i = 0; i < std::min<std::size_t>(5, plot_.table.pairs.size()); ++i) {
    texts << plot_.describe(plot_.table.pairs[i].row);
  }
  setAccessibleDescription(texts.join(QStringLiteral(". ")));
  update();
}

void PairsView::setSelected(const std::vector<std::int64_t>& rows) {
  plot_.selected = rows;
  update();
}

bool PairsPlot::isSelected(std::int64_t row) const {
  return std::find(selected.begin(), selected.end(), row) != selected.end();
}

QString PairsPlot::describe(std::int64_t row) const {
  for (const PairTable::Pair& pair : table.pairs) {
    if (pair.row != row) continue;
    const QString names = PairsView::tr("%1 and %2").arg(table.genes[pair.first], table.genes[pair.second]);
    if (!std::isfinite(pair.synergy)) {
      return PairsView::tr("%1: together %2; they were not run alone in these cells")
          .arg(names, signed_text(pair.effect));
    }
    return PairsView::tr("%1: together %2, alone they add up to %3; synergy %4")
        .arg(names, signed_text(pair.effect), signed_text(pair.effect - pair.synergy), signed_text(pair.synergy));
  }
  return {};
}

std::vector<PairsPlot::Spot> PairsPlot::paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(ink.text);
  painter.setPen(ink.ink2);
  if (table.pairs.empty()) {
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, PairsView::tr("This run holds no pairs."));
    return {};
  }
  return table.anchor.isEmpty() ? paintMatrix(painter, area, ink) : paintPartners(painter, area, ink);
}

std::vector<PairsPlot::Spot> PairsPlot::paintMatrix(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  std::vector<Spot> spots;
  const int genes = std::min(kMostGenes, static_cast<int>(table.genes.size()));
  const QFontMetricsF metrics(ink.text);
  double names = 0.0;
  for (int i = 0; i < genes; ++i) names = std::max(names, metrics.horizontalAdvance(table.genes[i]));
  names = std::min(names, 0.3 * area.width()) + 6;
  const double foot = 3.4 * metrics.height();
  const double side =
      std::max(1.0, std::min((area.width() - names - 4) / genes, (area.height() - foot - names) / genes));
  const double size = std::min(side, 46.0);
  const QPointF corner(area.left() + names + std::max(0.0, (area.width() - names - size * genes) / 2),
                       area.top() + names);
  const auto square = [&](int row, int column) {
    return QRectF(corner.x() + column * size, corner.y() + row * size, size, size).adjusted(0.5, 0.5, -0.5, -0.5);
  };
  painter.setPen(Qt::NoPen);
  painter.setBrush(ink.band);
  for (int i = 0; i < genes; ++i) painter.drawRect(square(i, i));  // a gene with itself is no pair
  for (const PairTable::Pair& pair : table.pairs) {
    if (pair.first >= genes || pair.second >= genes) continue;
    const bool known = std::isfinite(pair.synergy);
    for (const auto& [row, column] : {std::pair(pair.first, pair.second), std::pair(pair.second, pair.first)}) {
      const QRectF at = square(row, column);
      painter.setBrush(known ? diverging(ink, table.largest > 0 ? pair.synergy / table.largest : 0.0) : ink.ground);
      painter.setPen(isSelected(pair.row) ? QPen(ink.ink, 1.6) : QPen(ink.line, 0.75));
      painter.drawRect(at);
      if (!known) painter.drawLine(at.topLeft(), at.bottomRight());
      spots.push_back({at, pair.row});
    }
  }
  painter.setPen(ink.ink);
  const bool readable = size >= metrics.height() * 0.72;
  for (int i = 0; readable && i < genes; ++i) {
    const QString text = metrics.elidedText(table.genes[i], Qt::ElideRight, names - 6);
    const double middle = (i + 0.5) * size;
    painter.drawText(
        QPointF(corner.x() - 5 - metrics.horizontalAdvance(text), corner.y() + middle + metrics.ascent() / 2 - 1),
        text);
    painter.save();
    painter.translate(corner.x() + middle + metrics.ascent() / 2 - 1, corner.y() - 5);
    painter.rotate(-90);
    painter.drawText(QPointF(0, 0), text);
    painter.restore();
  }
  paintScale(painter, QRectF(area.left(), area.bottom() - foot + 4, area.width(), foot - 4), ink);
  return spots;
}

void PairsPlot::paintScale(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  painter.setFont(ink.small);
  const QFontMetricsF metrics(ink.small);
  const QString low = number_text(-table.largest, 2), high = signed_text(table.largest);
  const double width = std::min(120.0, area.width() * 0.4);
  const QRectF bar(area.left() + metrics.horizontalAdvance(low) + 6, area.top() + 3, width, metrics.height() * 0.7);
  constexpr int kSteps = 48;
  painter.setPen(Qt::NoPen);
  for (int i = 0; i < kSteps; ++i) {
    painter.setBrush(diverging(ink, 2.0 * i / (kSteps - 1) - 1));
    painter.drawRect(QRectF(bar.left() + i * width / kSteps, bar.top(), width / kSteps + 0.3, bar.height()));
  }
  painter.setPen(ink.ink2);
  const double line = bar.bottom() - 1;
  painter.drawText(QPointF(area.left(), line), low);
  painter.drawText(QPointF(bar.right() + 6, line), high);
  const int genes = static_cast<int>(table.genes.size());
  QString text = PairsView::tr("Synergy: effect of both genes together, less the two alone.");
  if (genes > kMostGenes) {
    text += QLatin1Char(' ') +
            PairsView::tr("The %1 of %2 genes with most of it; all pairs are in the list.").arg(kMostGenes).arg(genes);
  }
  painter.drawText(QRectF(area.left(), bar.bottom() + 3, area.width(), area.bottom() - bar.bottom() - 3),
                   Qt::TextWordWrap, text);
}

std::vector<PairsPlot::Spot> PairsPlot::paintPartners(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  std::vector<Spot> spots;
  const QFontMetricsF metrics(ink.text);
  const double height = metrics.height() * 1.6;
  const double foot = 3.2 * metrics.height(), head = 1.3 * metrics.height();
  const auto shown =
      std::min(table.pairs.size(), static_cast<std::size_t>(std::max(1.0, (area.height() - foot - head) / height)));
  double names = 0.0, low = 0.0, high = 0.0;
  for (std::size_t i = 0; i < shown; ++i) {
    const PairTable::Pair& pair = table.pairs[i];
    names = std::max(names, metrics.horizontalAdvance(table.genes[pair.first]));
    for (const double value : {pair.effect, pair.effect - pair.synergy}) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  names = std::min(names, 0.3 * area.width()) + 10;
  const double numbers = metrics.horizontalAdvance(QStringLiteral("+0.00000")) + 8;
  const QRectF plot(area.left() + names, area.top() + head, area.width() - names - numbers,
                    static_cast<double>(shown) * height);
  const double span = std::max(1e-12, high - low);
  const auto x_of = [&](double value) {
    return plot.left() + (value - low + 0.05 * span) / (1.1 * span) * plot.width();
  };
  painter.setPen(ink.ink2);
  painter.drawText(QPointF(area.left(), area.top() + metrics.ascent()), PairsView::tr("with %1").arg(table.anchor));
  painter.drawText(QRectF(plot.right(), area.top(), numbers, head), Qt::AlignRight, PairsView::tr("synergy"));
  painter.setPen(QPen(ink.line, 1));
  painter.drawLine(QPointF(x_of(0), plot.top()), QPointF(x_of(0), plot.bottom()));
  for (std::size_t i = 0; i < shown; ++i) {
    const PairTable::Pair& pair = table.pairs[i];
    const QRectF band(area.left(), plot.top() + static_cast<double>(i) * height, area.width(), height);
    const double y = band.center().y();
    spots.push_back({band, pair.row});
    if (isSelected(pair.row)) {
      QColor tint = ink.accent;
      tint.setAlphaF(0.10F);
      painter.fillRect(band, tint);
    }
    painter.setPen(ink.ink);
    painter.drawText(QPointF(area.left(), y + metrics.ascent() / 2 - 1),
                     metrics.elidedText(table.genes[pair.first], Qt::ElideRight, names - 8));
    const bool known = std::isfinite(pair.synergy);
    const QColor color = known && pair.synergy < 0 ? ink.start : ink.goal;
    if (known) {
      painter.setPen(QPen(color, ink.dot * 0.8));
      painter.drawLine(QPointF(x_of(pair.effect - pair.synergy), y), QPointF(x_of(pair.effect), y));
      painter.setPen(QPen(ink.ink2, 1.2));
      painter.setBrush(ink.ground);
      painter.drawEllipse(QPointF(x_of(pair.effect - pair.synergy), y), ink.dot * 1.5, ink.dot * 1.5);
      painter.setPen(ink.ink);
      painter.drawText(QRectF(plot.right(), band.top(), numbers, height), Qt::AlignRight | Qt::AlignVCenter,
                       signed_text(pair.synergy));
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(known ? color : ink.ink2);
    painter.drawEllipse(QPointF(x_of(pair.effect), y), ink.dot * 1.6, ink.dot * 1.6);
  }
  painter.setFont(ink.small);
  painter.setPen(ink.ink2);
  QString text =
      PairsView::tr("Filled: both together. Hollow: the two alone, added up. The line between is the synergy.");
  if (shown < table.pairs.size()) {
    text = PairsView::tr("The %1 of %2 partners with most synergy. ").arg(shown).arg(table.pairs.size()) + text;
  }
  painter.drawText(QRectF(area.left(), plot.bottom() + 4, area.width(), area.bottom() - plot.bottom() - 4),
                   Qt::TextWordWrap, text);
  return spots;
}

std::int64_t PairsView::rowAt(const QPointF& place) const {
  for (const PairsPlot::Spot& spot : spots_) {
    if (spot.area.contains(place)) return spot.row;
  }
  return -1;
}

void PairsView::paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) {
  spots_ = plot_.paint(painter, area, ink);
}

void PairsView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (const std::int64_t row = rowAt(event->position()); row >= 0) Q_EMIT rowPicked(row);
}

bool PairsView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto& help = static_cast<const QHelpEvent&>(*event);
  const std::int64_t row = rowAt(help.pos());
  row >= 0 ? QToolTip::showText(help.globalPos(), plot_.describe(row), this) : QToolTip::hideText();
  return true;
}

}  // namespace cw::ui
