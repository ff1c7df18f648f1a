// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/volcano_plot.h"

#include "ui/figures/dense_layer.h"
#include "ui/results/label_placement.h"
#include "ui/results/volcano_view.h"
#include "ui/theme/numbers.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kLabels = 14;
constexpr double kSmallestFdr = 1e-16;

// NaN where nothing is known of how sure the effect is (too few cells): such a gene has no place in the plot.
double height_of(const RunResult& result, std::int64_t row, bool has_fdr) {
  if (has_fdr) {
    const double fdr = result.value(row, "fdr");
    return std::isnan(fdr) ? fdr : -std::log10(std::max(kSmallestFdr, fdr));
  }
  const double se = (result.value(row, "ci_high") - result.value(row, "ci_low")) / 3.92;
  const double errors = std::abs(result.value(row, "effect")) / std::max(se, 1e-12);
  return std::isnan(se) ? se : std::min(30.0, errors);
}

}  // namespace

void VolcanoPlot::setResult(RunResultPtr result) {
  const double fdr = fdr_;
  const double least = leastEffect_;
  *this = {};
  setThresholds(fdr, least);
  result_ = std::move(result);
  if (!result_) return;
  const std::int64_t rows = result_->numRows();
  for (std::int64_t row = 0; row < rows; ++row) hasFdr_ = hasFdr_ || std::isfinite(result_->value(row, "fdr"));
  for (std::int64_t row = 0; row < rows; ++row) {
    const double effect = result_->value(row, "effect");
    const double height = height_of(*result_, row, hasFdr_);
    x_.push_back(static_cast<float>(effect));
    y_.push_back(static_cast<float>(height));
    if (std::isfinite(effect)) widest_ = std::max(widest_, std::abs(effect));
    if (std::isfinite(height)) highest_ = std::max(highest_, height);
    if (!std::isfinite(effect) || !std::isfinite(height)) ++numUnplaced_;
  }
  highest_ = std::max(highest_ * 1.06, hasFdr_ ? 1.6 : 2.5);
}

void VolcanoPlot::setThresholds(double fdr, double leastEffect) {
  fdr_ = std::clamp(fdr, kSmallestFdr, 1.0);
  leastEffect_ = std::max(0.0, leastEffect);
}

bool VolcanoPlot::isPlaced(std::size_t row) const noexcept { return std::isfinite(x_[row]) && std::isfinite(y_[row]); }

VolcanoPlot::Frame VolcanoPlot::frameOf(const QRectF& area) const {
  Frame frame;
  frame.plot = area;
  const bool two_sided = result_ && result_->hasStates();
  frame.low = two_sided ? -widest_ * 1.12 : 0.0;
  frame.high = widest_ * 1.12;
  frame.top = highest_;
  return frame;
}

bool VolcanoPlot::passes(std::size_t row) const noexcept {
  if (!std::isfinite(y_[row]) || !(std::abs(static_cast<double>(x_[row])) >= leastEffect_)) return false;
  return hasFdr_ ? static_cast<double>(y_[row]) >= -std::log10(fdr_) : leastEffect_ > 0;
}

void VolcanoPlot::paintAxes(QPainter& painter, const Frame& frame, const PlotInk& ink) const {
  const QRectF& plot = frame.plot;
  painter.setPen(QPen(ink.line, 1));
  painter.drawLine(plot.bottomLeft(), plot.bottomRight());
  painter.setFont(ink.small);
  painter.setPen(ink.ink2);
  const double line = painter.fontMetrics().height();
  const QRectF below(plot.left(), plot.bottom() + 3, plot.width(), line);
  if (result_->hasStates()) {
    painter.drawText(below, Qt::AlignLeft, VolcanoView::tr("← away from %1").arg(result_->goal()));
    painter.drawText(below, Qt::AlignRight, VolcanoView::tr("towards %1 →").arg(result_->goal()));
    painter.setPen(QPen(ink.line, 1));
    painter.drawLine(QPointF(frame.x(0), plot.bottom()), QPointF(frame.x(0), plot.bottom() + 4));
    painter.setPen(ink.ink2);
    painter.drawText(QRectF(frame.x(0) - 20, plot.bottom() + 3, 40, line), Qt::AlignHCenter, QStringLiteral("0"));
  } else {
    painter.drawText(below, Qt::AlignRight, VolcanoView::tr("impact: how far the cell moved →"));
  }
  painter.save();
  painter.translate(plot.left() - 4, plot.center().y());
  painter.rotate(-90);
  painter.drawText(
      QRectF(-plot.height() / 2, -line, plot.height(), line), Qt::AlignHCenter,
      hasFdr_ ? VolcanoView::tr("confidence (−log₁₀ FDR) →") : VolcanoView::tr("effect in standard errors →"));
  painter.restore();
  if (numUnplaced_ == 0) return;
  painter.drawText(QRectF(plot.left() + 4, plot.top(), plot.width() - 8, line), Qt::AlignLeft,
                   VolcanoView::tr("%1 in too few cells to judge: not drawn").arg(count_text(numUnplaced_)));
}

void VolcanoPlot::paintHits(QPainter& painter, const Frame& frame, const PlotInk& ink) const {
  std::vector<std::size_t> hits;
  for (std::size_t row = 0; row < x_.size(); ++row) {
    if (passes(row)) hits.push_back(row);
  }
  painter.setPen(Qt::NoPen);
  const bool two_sided = result_->hasStates();
  const double radius = hits.size() > 500 ? ink.dot * 1.1 : ink.dot * 1.8;
  for (const std::size_t row : hits) {
    painter.setBrush(two_sided && x_[row] > 0 ? ink.goal : ink.start);
    painter.drawEllipse(at(frame, row), radius, radius);
  }
  // labels: the selected rows, then the strongest by height and width
  std::vector<std::size_t> named;
  for (const std::int64_t row : selected_) {
    const auto place = static_cast<std::size_t>(row);
    if (row >= 0 && place < x_.size() && isPlaced(place)) named.push_back(place);
  }
  const std::size_t marked = named.size();
  std::sort(hits.begin(), hits.end(), [&](std::size_t a, std::size_t b) {
    const auto weight = [&](std::size_t r) {
      return std::abs(static_cast<double>(x_[r])) / widest_ + static_cast<double>(y_[r]) / highest_;
    };
    return weight(a) > weight(b);
  });
  for (const std::size_t row : hits) {
    if (named.size() >= marked + kLabels) break;
    if (std::find(named.begin(), named.end(), row) == named.end()) named.push_back(row);
  }
  if (x_.size() <= kLabels) {
    // a handful of genes: all of them have a name
    for (std::size_t row = 0; row < x_.size(); ++row) {
      const bool there = std::find(named.begin(), named.end(), row) != named.end();
      if (!there && isPlaced(row)) named.push_back(row);
    }
  }
  if (hasFdr_ && hits.empty()) {
    const double y = frame.y(-std::log10(fdr_));
    painter.setFont(ink.small);
    painter.setPen(ink.ink2);
    painter.drawText(QRectF(frame.plot.left() + 4, y + 3, frame.plot.width() - 4, painter.fontMetrics().height()),
                     Qt::AlignLeft, VolcanoView::tr("No gene reaches this line."));
  }
  painter.setFont(ink.text);
  QList<LabelWish> wishes;
  for (const std::size_t row : named) {
    const QString text = result_->text(static_cast<std::int64_t>(row), "gene");
    wishes << LabelWish{at(frame, row),
                        QSizeF(painter.fontMetrics().horizontalAdvance(text) + 1, painter.fontMetrics().height()),
                        radius};
  }
  const QList<QRectF> places = place_labels(wishes, frame.plot.adjusted(-18, -8, 12, 0));
  for (std::size_t i = 0; i < named.size(); ++i) {
    const auto place = places[static_cast<qsizetype>(i)];
    if (i < marked) {
      painter.setPen(QPen(ink.accent, 2));
      painter.setBrush(Qt::NoBrush);
      painter.drawEllipse(wishes[static_cast<qsizetype>(i)].point, radius + 2.5, radius + 2.5);
    }
    if (place.isEmpty()) continue;
    painter.setPen(ink.ink);
    painter.drawText(place, Qt::AlignCenter, result_->text(static_cast<std::int64_t>(named[i]), "gene"));
  }
}

void VolcanoPlot::paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  if (!result_) return;
  const Frame frame = frameOf(area);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor grey = ink.ink3;
  grey.setAlphaF(0.5F);
  draw_marks(painter, area.adjusted(-ink.dot, -ink.dot, ink.dot, ink.dot), std::ssize(x_), [&](QPainter& marks) {
    marks.setPen(Qt::NoPen);
    marks.setBrush(grey);
    for (std::size_t row = 0; row < x_.size(); ++row) {
      if (isPlaced(row) && !passes(row)) marks.drawEllipse(at(frame, row), ink.dot, ink.dot);
    }
  });
  paintAxes(painter, frame, ink);
  if (hasFdr_) {
    const double y = frame.y(-std::log10(fdr_));
    painter.setPen(QPen(ink.accent, 0.75, Qt::DashLine));
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setFont(ink.small);
    painter.drawText(
        QRectF(area.left(), y - painter.fontMetrics().height() - 1, area.width(), painter.fontMetrics().height()),
        Qt::AlignRight, VolcanoView::tr("FDR %1").arg(number_text(fdr_, 2)));
  }
  if (leastEffect_ > 0) {
    painter.setPen(QPen(ink.accent, 0.75, Qt::DashLine));
    for (const double effect : {leastEffect_, -leastEffect_}) {
      if (effect < frame.low) continue;
      painter.drawLine(QPointF(frame.x(effect), area.top()), QPointF(frame.x(effect), area.bottom()));
    }
  }
  paintHits(painter, frame, ink);
}

}  // namespace cw::ui
