// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/gene_detail.h"

#include "core/ranking/null_reference.h"
#include "core/ranking/outcome.h"
#include "core/ranking/run_rows.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kBins = 36;
constexpr std::size_t kMostDonors = 14;

double outcome_at(const Effects& run, std::size_t row) {
  const auto columns = static_cast<std::size_t>(run.num_columns());
  return run.states.empty() ? 1.0 - static_cast<double>(run.cosine[row])
                            : static_cast<double>(run.cosine[row * columns + 1]);
}

// Many files number their donors: a number alone says nothing beside a dot.
QString donor_text(const std::string& name) {
  const QString text = QString::fromStdString(name);
  bool number = false;
  static_cast<void>(text.toLongLong(&number));
  return number ? GeneDetail::tr("donor %1").arg(text) : text;
}

}  // namespace

GeneNumbers numbers_of(const RunResult& result, std::int64_t row) {
  GeneNumbers numbers;
  if (row < 0 || row >= result.numRows()) return numbers;
  const Effects& run = *result.effects;
  const std::int32_t wanted = result.perturbationOfRow[static_cast<std::size_t>(row)];
  if (wanted < 0) return numbers;
  const DonorLayout donors(run.cells);
  numbers.donors = donors.names;
  std::vector<double> sums(donors.names.size(), 0.0);
  numbers.donorCells.assign(donors.names.size(), 0);
  for (std::size_t i = 0; i < run.perturbation.size(); ++i) {
    if (run.perturbation[i] != wanted) continue;
    const double value = outcome_at(run, i);
    if (!std::isfinite(value)) continue;
    numbers.cells.push_back(value);
    const std::int32_t donor = donors.of_cell[static_cast<std::size_t>(run.cell[i])];
    if (donor < 0) continue;
    sums[static_cast<std::size_t>(donor)] += value;
    ++numbers.donorCells[static_cast<std::size_t>(donor)];
  }
  for (std::size_t d = 0; d < sums.size(); ++d)
    numbers.donorMeans.push_back(numbers.donorCells[d] > 0 ? sums[d] / static_cast<double>(numbers.donorCells[d])
                                                           : std::nan(""));
  const RunRows rows(run);
  const NullReference reference(run, rows, median_relative_ranks(run, rows));
  const auto controls = reference.controls_of(wanted);
  std::vector<double> total(run.perturbations.size(), 0.0);
  std::vector<std::int64_t> count(run.perturbations.size(), 0);
  for (std::size_t i = 0; i < run.perturbation.size(); ++i) {
    const double value = outcome_at(run, i);
    if (!std::isfinite(value)) continue;
    total[static_cast<std::size_t>(run.perturbation[i])] += value;
    ++count[static_cast<std::size_t>(run.perturbation[i])];
  }
  for (const std::int32_t control : controls) {
    const auto c = static_cast<std::size_t>(control);
    if (count[c] > 0) numbers.null.push_back(total[c] / static_cast<double>(count[c]));
  }
  return numbers;
}

GeneDetail::GeneDetail(const Theme& theme, QWidget* parent)
    : ChartWidget(QStringLiteral("geneDetail"), tr("One gene: cells, donors and genes of the same rank"), theme,
                  parent) {}

void GeneDetail::setGene(RunResultPtr result, std::int64_t row, GeneNumbers numbers) {
  plot_ = {std::move(result), row, std::move(numbers)};
  setAccessibleDescription(plot_.result && row >= 0 ? tr("%1: effect %2 in %3 cells")
                                                          .arg(plot_.result->text(row, "gene"),
                                                               number_text(plot_.result->value(row, "effect"), 3),
                                                               count_text(std::ssize(plot_.numbers.cells)))
                                                    : QString());
  update();
}

void GeneDetailPlot::paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  painter.setFont(ink.text);
  const double line = painter.fontMetrics().height();
  if (isEmpty()) {
    painter.setPen(ink.ink2);
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap,
                     GeneDetail::tr("Choose a gene in the list or in the plot."));
    return;
  }
  const double effect = result->value(row, "effect");
  const QColor color = result->hasStates() && effect > 0 ? ink.goal : ink.start;
  // a common scale: the middle 96 % of cells, all donors, all controls
  std::vector<double> sorted = numbers.cells;
  std::sort(sorted.begin(), sorted.end());
  double low = sorted[sorted.size() / 50];
  double high = sorted[sorted.size() - 1 - sorted.size() / 50];
  const auto widen = [&](double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  };
  for (const double value : numbers.donorMeans) widen(value);
  for (const double value : numbers.null) widen(value);
  widen(0.0);
  const double pad = (high - low) * 0.06 + 1e-12;
  low -= pad;
  high += pad;
  std::vector<std::size_t> donors;
  for (std::size_t d = 0; d < numbers.donors.size(); ++d) {
    if (numbers.donorCells[d] > 0) donors.push_back(d);
  }
  if (donors.size() > kMostDonors) donors.resize(kMostDonors);
  const double names = donors.empty() ? 0.0 : std::min(0.28 * area.width(), 90.0);
  const QRectF plot(area.left() + names, area.top() + 1.4 * line, area.width() - names, area.height() - 4.8 * line);
  const auto x_of = [&](double value) {
    return plot.left() + std::clamp((value - low) / (high - low), 0.0, 1.0) * plot.width();
  };
  painter.setPen(ink.ink);
  painter.drawText(
      QRectF(area.left(), area.top(), area.width(), line), Qt::AlignLeft,
      GeneDetail::tr("%1, %2 cells").arg(result->text(row, "gene"), count_text(std::ssize(numbers.cells))));
  const double top_share = donors.empty() ? 1.0 : 0.55;
  const QRectF upper(plot.left(), plot.top(), plot.width(), plot.height() * top_share - 4);
  const auto histogram = [&](const std::vector<double>& values, const QColor& fill) {
    std::vector<int> bins(kBins, 0);
    for (const double value : values) {
      const double share = (value - low) / (high - low);
      if (share >= 0 && share < 1) ++bins[static_cast<std::size_t>(share * kBins)];
    }
    const int most = std::max(1, *std::max_element(bins.begin(), bins.end()));
    for (int i = 0; i < kBins; ++i) {
      const double height = upper.height() * 0.92 * bins[static_cast<std::size_t>(i)] / most;
      painter.fillRect(QRectF(upper.left() + i * upper.width() / kBins, upper.bottom() - height,
                              upper.width() / kBins - 0.5, height),
                       fill);
    }
  };
  if (!numbers.null.empty()) histogram(numbers.null, ink.band);
  QColor light = color;
  light.setAlphaF(0.35F);
  histogram(numbers.cells, light);
  painter.setPen(QPen(ink.line, 1));
  painter.drawLine(upper.bottomLeft(), upper.bottomRight());
  painter.setPen(QPen(ink.ink3, 0.75));
  painter.drawLine(QPointF(x_of(0), plot.top()), QPointF(x_of(0), plot.bottom()));
  painter.setPen(QPen(color, 1.5));
  painter.drawLine(QPointF(x_of(effect), upper.top()), QPointF(x_of(effect), plot.bottom()));
  painter.setFont(ink.small);
  const double step = donors.empty() ? 0.0 : (plot.bottom() - upper.bottom() - 6) / static_cast<double>(donors.size());
  for (std::size_t k = 0; k < donors.size(); ++k) {
    const std::size_t d = donors[k];
    const double y = upper.bottom() + 6 + step * (static_cast<double>(k) + 0.5);
    painter.setPen(ink.ink2);
    if (step >= line * 0.8) {
      painter.drawText(
          QRectF(area.left(), y - line / 2, names - 6, line), Qt::AlignVCenter | Qt::AlignLeft,
          painter.fontMetrics().elidedText(donor_text(numbers.donors[d]), Qt::ElideRight, static_cast<int>(names - 6)));
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(numbers.donorMeans[d] > 0 && result->hasStates() ? ink.goal : ink.start);
    const double radius = ink.dot * (numbers.donorCells[d] >= kCellsPerDonor ? 1.6 : 1.0);
    painter.drawEllipse(QPointF(x_of(numbers.donorMeans[d]), y), radius, radius);
  }
  painter.setPen(ink.ink2);
  painter.drawText(QRectF(plot.left(), plot.bottom() + 2, plot.width(), line), Qt::AlignLeft, number_text(low, 2));
  painter.drawText(QRectF(plot.left(), plot.bottom() + 2, plot.width(), line), Qt::AlignRight, number_text(high, 2));
  painter.drawText(
      QRectF(plot.left(), plot.bottom() + 2, plot.width(), line), Qt::AlignHCenter,
      result->hasStates() ? GeneDetail::tr("towards %1 →").arg(result->goal()) : GeneDetail::tr("impact →"));
  QStringList what{GeneDetail::tr("Bars: cells."), GeneDetail::tr("Line: their effect.")};
  if (!donors.empty()) what.insert(1, GeneDetail::tr("Dots: donors."));
  what << (numbers.null.empty()
               ? GeneDetail::tr("No random genes to compare with.")
               : GeneDetail::tr("Grey: %1 changes of the same rank.").arg(count_text(std::ssize(numbers.null))));
  painter.drawText(QRectF(area.left(), plot.bottom() + 2 + line, area.width(), 2.2 * line),
                   Qt::AlignRight | Qt::TextWordWrap, what.join(QLatin1Char(' ')));
}

void GeneDetail::paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) {
  plot_.paint(painter, area, ink);
}

}  // namespace cw::ui
