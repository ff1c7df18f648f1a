// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/compare_view.h"

#include "core/stats/rank_correlation.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <QSet>
#include <algorithm>
#include <map>

namespace cw::ui {
namespace {

constexpr std::int64_t kTop = 50;
constexpr std::int64_t kNamed = 20;

// The one kind of change of a run, "" where it has several.
QString kind_of(const RunResult& run) {
  QSet<QString> kinds;
  for (std::int64_t row = 0; row < run.numRows(); ++row) kinds.insert(run.text(row, "perturbation"));
  return kinds.size() == 1 ? *kinds.cbegin() : QString();
}

QString key_of(const RunResult& run, std::int64_t row, bool byGeneAlone) {
  const QString genes = run.text(row, "ensembl_id");
  return byGeneAlone ? genes : run.text(row, "perturbation") + QLatin1Char(' ') + genes;
}

}  // namespace

RunComparison compare_runs(const RunResult& here, const RunResult& there) {
  RunComparison comparison;
  comparison.other = there.title;
  // deleting here, overexpressing there: the same genes are compared
  const QString kind_here = kind_of(here), kind_there = kind_of(there);
  const bool by_gene = !kind_here.isEmpty() && !kind_there.isEmpty() && kind_here != kind_there;
  std::map<QString, std::int64_t> row_there;
  for (std::int64_t row = 0; row < there.numRows(); ++row) row_there.emplace(key_of(there, row, by_gene), row);
  std::vector<double> a, b;
  QStringList order_here, order_there;
  QHash<QString, QString> names;
  QSet<QString> common;
  for (std::int64_t row = 0; row < here.numRows(); ++row) {
    const QString key = key_of(here, row, by_gene);
    const auto found = row_there.find(key);
    if (found == row_there.end()) continue;
    a.push_back(here.value(row, "effect"));
    b.push_back(there.value(found->second, "effect"));
    order_here << key;
    common.insert(key);
    names.insert(key, here.text(row, "gene"));
  }
  for (std::int64_t row = 0; row < there.numRows(); ++row) {
    const QString key = key_of(there, row, by_gene);
    if (common.contains(key)) order_there << key;
  }
  comparison.common = std::ssize(a);
  const RankCorrelation rho = spearman(a, b);
  comparison.spearman = rho.value;
  comparison.low = rho.ci.low;
  comparison.high = rho.ci.high;
  const auto most = std::min<std::int64_t>(kTop, comparison.common);
  QSet<QString> top_here, top_there;
  for (std::int64_t k = 0; k < most; ++k) {
    top_here.insert(order_here[k]);
    top_there.insert(order_there[k]);
    comparison.overlap.push_back(static_cast<double>((top_here & top_there).size()) / static_cast<double>(k + 1));
  }
  comparison.chance = comparison.common > 0 ? static_cast<double>(most) / static_cast<double>(comparison.common) : 0.0;
  for (std::int64_t k = 0; k < std::min(kNamed, most); ++k) {
    if (!top_there.contains(order_here[k])) comparison.onlyHere << names[order_here[k]];
    if (!top_here.contains(order_there[k])) comparison.onlyThere << names[order_there[k]];
  }
  return comparison;
}

CompareView::CompareView(const Theme& theme, QWidget* parent)
    : ChartWidget(QStringLiteral("compareView"), tr("Comparison with another run"), theme, parent) {
  plot_.note = tr("Press “Compare with” to see how much another run names the same genes.");
}

void CompareView::setComparison(RunComparison comparison) {
  plot_.comparison = std::move(comparison);
  plot_.note.clear();
  setAccessibleDescription(tr("Rank correlation %1 over %2 genes")
                               .arg(fixed_text(plot_.comparison.spearman, 2), count_text(plot_.comparison.common)));
  update();
}

void CompareView::setNote(const QString& note) {
  plot_.note = note;
  plot_.comparison = {};
  update();
}

void ComparePlot::paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  painter.setFont(ink.text);
  painter.setPen(ink.ink2);
  if (isEmpty()) {
    const QString text = note.isEmpty() ? CompareView::tr("The two runs share no genes.") : note;
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, text);
    return;
  }
  const double line = painter.fontMetrics().height();
  painter.setPen(ink.ink);
  painter.drawText(QRectF(area.left(), area.top(), area.width(), line), Qt::AlignLeft,
                   painter.fontMetrics().elidedText(CompareView::tr("with %1").arg(comparison.other), Qt::ElideRight,
                                                    static_cast<int>(area.width())));
  painter.setPen(ink.ink2);
  painter.drawText(QRectF(area.left(), area.top() + line, area.width(), line), Qt::AlignLeft,
                   CompareView::tr("Rank correlation %1 (95 %: %2 to %3) over %4 genes")
                       .arg(fixed_text(comparison.spearman, 2), fixed_text(comparison.low, 2),
                            fixed_text(comparison.high, 2), count_text(comparison.common)));
  const QRectF plot(area.left() + 34, area.top() + 2.6 * line, area.width() - 44, area.height() - 6.6 * line);
  painter.setFont(ink.small);
  for (const double share : {0.0, 0.5, 1.0}) {
    const double y = plot.bottom() - share * plot.height();
    painter.setPen(QPen(ink.line, 0.75));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.setPen(ink.ink2);
    painter.drawText(QRectF(area.left(), y - line / 2, 30, line), Qt::AlignVCenter | Qt::AlignRight,
                     percent_text(share));
  }
  const auto size = static_cast<double>(comparison.overlap.size());
  const auto x_of = [&](double k) { return plot.left() + (size < 2 ? 0.5 : k / (size - 1)) * plot.width(); };
  painter.setPen(QPen(ink.ink3, 1, Qt::DashLine));
  painter.drawLine(QPointF(plot.left(), plot.bottom() - plot.height() * comparison.chance / size),
                   QPointF(plot.right(), plot.bottom() - plot.height() * comparison.chance));
  QPainterPath path;
  for (std::size_t k = 0; k < comparison.overlap.size(); ++k) {
    const QPointF at(x_of(static_cast<double>(k)), plot.bottom() - comparison.overlap[k] * plot.height());
    if (k == 0) {
      path.moveTo(at);
    } else {
      path.lineTo(at);
    }
  }
  painter.setPen(QPen(ink.accent, 1.8));
  painter.setBrush(Qt::NoBrush);
  painter.drawPath(path);
  painter.setPen(ink.ink2);
  painter.drawText(QRectF(plot.left(), plot.bottom() + 2, plot.width(), line), Qt::AlignLeft, CompareView::tr("top 1"));
  painter.drawText(QRectF(plot.left(), plot.bottom() + 2, plot.width(), line), Qt::AlignRight,
                   CompareView::tr("top %1").arg(comparison.overlap.size()));
  painter.drawText(QRectF(plot.left(), plot.bottom() + 2, plot.width(), line), Qt::AlignHCenter,
                   CompareView::tr("named by both; dashed: by chance"));
  const auto list = [&](const QString& text, const QStringList& genes, double y) {
    painter.drawText(QRectF(area.left(), y, area.width(), line), Qt::AlignLeft,
                     painter.fontMetrics().elidedText(
                         text.arg(genes.isEmpty() ? CompareView::tr("none") : genes.join(QStringLiteral(", "))),
                         Qt::ElideRight, static_cast<int>(area.width())));
  };
  list(CompareView::tr("Only here: %1"), comparison.onlyHere, plot.bottom() + 2 + 1.3 * line);
  list(CompareView::tr("Only there: %1"), comparison.onlyThere, plot.bottom() + 2 + 2.4 * line);
}

void CompareView::paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) {
  plot_.paint(painter, area, ink);
}

}  // namespace cw::ui
