// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/preview_view.h"

#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr qsizetype kMostArrows = 12;
constexpr int kLabelled = 5;

}  // namespace

PreviewView::PreviewView(const Theme& theme, QWidget* parent)
    : ChartWidget(QStringLiteral("previewView"), tr("Preview"), theme, parent) {}

void PreviewView::setResult(const Json& result, const QString& goal) {
  points_.clear();
  note_.clear();
  busy_ = false;
  goal_ = goal;
  if (result.is_object() && result.contains("perturbations")) {
    hasStates_ = result.contains("states") && !result["states"].empty();
    for (const Json& one : result["perturbations"]) {
      if (one.value("role", std::string()) == "null") continue;
      Point point;
      QStringList genes;
      for (const Json& gene : one["genes"]) genes << QString::fromStdString(gene.get<std::string>());
      point.label = genes.join(QLatin1Char('+'));
      point.effect = one.value("effect", 0.0);
      point.cells = one.value("n_cells", 0);
      const double se = one.value("sd", 0.0) / std::sqrt(std::max(1, point.cells));
      point.t = se > 0 ? std::abs(point.effect) / se : 0.0;
      point.progress = one.contains("progress") && one["progress"].is_number() ? one["progress"].get<double>() : 0.0;
      points_ << point;
    }
    const auto cells = result.value("cells", std::int64_t{0});
    const auto asked = result.value("cells_asked", cells);
    const QString many = cells < asked ? tr("%1 of %2 cells").arg(count_text(cells), count_text(asked))
                                       : tr("%1 cells").arg(count_text(cells));
    caption_ = tr("%1 in %2 s%3")
                   .arg(many, fixed_text(result.value("seconds", 0.0), 1),
                        result.value("estimated", false) ? tr(", estimated from gradients") : QString());
  }
  if (points_.isEmpty() && result.is_object()) note_ = tr("None of these cells has the genes.");
  setAccessibleDescription(points_.isEmpty() ? note_ : caption_);
  update();
}

void PreviewView::setNote(const QString& note, bool busy) {
  note_ = note;
  busy_ = busy;
  if (!busy) points_.clear();
  setAccessibleDescription(note);
  update();
}

void PreviewView::paintChart(QPainter& painter, const QRectF&, const PlotInk& ink) {
  painter.setFont(ink.text);
  if (points_.isEmpty()) {
    painter.setPen(theme().color("ink-2"));
    painter.drawText(rect().adjusted(16, 8, -16, -8), Qt::AlignCenter | Qt::TextWordWrap, note_);
    return;
  }
  // the watermark lies behind everything, and says it for a screenshot too
  painter.save();
  QFont mark = theme().font("title", QFont::DemiBold);
  mark.setPixelSize(std::max(18, std::min(width() / 9, 34)));
  painter.setFont(mark);
  painter.setPen(theme().color("line"));
  painter.drawText(rect(), Qt::AlignCenter, tr("not a result"));
  painter.restore();
  const QRectF area = QRectF(rect()).adjusted(10, 8, -10, -34);
  if (points_.size() > kMostArrows) {
    paintVolcano(painter, area);
  } else {
    paintArrows(painter, area);
  }
  painter.setPen(theme().color("ink-2"));
  painter.drawText(QRectF(10, height() - 18, width() - 20, 16), Qt::AlignRight, busy_ ? note_ : caption_);
}

void PreviewView::paintVolcano(QPainter& painter, const QRectF& area) {
  double widest = 1e-12;
  double highest = 1.0;
  for (const Point& p : points_) {
    widest = std::max(widest, std::abs(p.effect));
    highest = std::max(highest, p.t);
  }
  const auto x_of = [&](double effect) {
    return hasStates_ ? area.center().x() + effect / widest * area.width() * 0.42
                      : area.left() + 8 + effect / widest * (area.width() - 70);
  };
  const auto y_of = [&](double t) { return area.bottom() - t / highest * (area.height() - 14); };
  painter.setPen(theme().color("line-strong"));
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  painter.setPen(theme().color("ink-2"));
  const QRectF axis(area.left(), area.bottom() + 3, area.width(), 16);
  if (hasStates_) {
    painter.drawText(axis, Qt::AlignLeft, tr("← away from %1").arg(goal_));
    painter.drawText(axis, Qt::AlignRight, tr("towards %1 →").arg(goal_));
  } else {
    painter.drawText(axis, Qt::AlignLeft, tr("how far the cell moved →"));
  }
  QList<Point> order = points_;
  std::sort(order.begin(), order.end(),
            [](const Point& a, const Point& b) { return std::abs(a.effect) * a.t < std::abs(b.effect) * b.t; });
  for (qsizetype i = 0; i < order.size(); ++i) {
    const Point& p = order[i];
    const bool top = i + kLabelled >= order.size();
    QColor color = theme().color(top ? (hasStates_ && p.effect > 0 ? "goal" : "start") : "ink-3");
    if (!top) color.setAlphaF(0.5F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const QPointF at(x_of(p.effect), y_of(p.t));
    painter.drawEllipse(at, top ? 4.0 : 2.2, top ? 4.0 : 2.2);
    if (!top) continue;
    painter.setPen(theme().color("ink"));
    const double text = painter.fontMetrics().horizontalAdvance(p.label);
    const bool left = at.x() + text + 10 > area.right();
    painter.drawText(QPointF(left ? at.x() - text - 8 : at.x() + 8, at.y() + 4), p.label);
  }
}

void PreviewView::paintArrows(QPainter& painter, const QRectF& area) {
  double widest = 1e-12;
  for (const Point& p : points_) widest = std::max(widest, std::abs(hasStates_ ? p.progress : p.effect));
  const double row = std::min(28.0, area.height() / static_cast<double>(points_.size()));
  const double middle = hasStates_ ? area.left() + 78 + (area.width() - 140) / 2 : area.left() + 82;
  const double span = hasStates_ ? (area.width() - 140) / 2 : area.width() - 150;
  painter.setPen(QPen(theme().color("line-strong"), 1));
  painter.drawLine(QPointF(middle, area.top()),
                   QPointF(middle, area.top() + row * static_cast<double>(points_.size())));
  for (qsizetype i = 0; i < points_.size(); ++i) {
    const Point& p = points_[i];
    const double value = hasStates_ ? p.progress : p.effect;
    const double y = area.top() + row * (static_cast<double>(i) + 0.5);
    const double tip = middle + value / widest * span;
    const QColor color = theme().color(hasStates_ && value > 0 ? "goal" : "start");
    painter.setPen(theme().color("ink"));
    painter.drawText(QRectF(area.left(), y - 9, 74, 18), Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(p.label, Qt::ElideRight, 74));
    painter.setPen(QPen(color, 2));
    painter.drawLine(QPointF(middle, y), QPointF(tip, y));
    if (std::abs(tip - middle) > 3) {
      const double back = tip > middle ? -6 : 6;
      QPainterPath head(QPointF(tip, y));
      head.lineTo(tip + back, y - 4);
      head.lineTo(tip + back, y + 4);
      head.closeSubpath();
      painter.fillPath(head, color);
    }
    painter.setPen(theme().color("ink-2"));
    const QString number =
        hasStates_ ? fixed_text(100.0 * value, 2, true) + QStringLiteral("\u2009%") : number_text(value, 2);
    painter.drawText(QRectF(area.right() - 60, y - 9, 60, 18), Qt::AlignVCenter | Qt::AlignRight, number);
  }
  painter.setPen(theme().color("ink-2"));
  painter.drawText(QRectF(area.left(), area.bottom() + 3, area.width(), 16), Qt::AlignLeft,
                   hasStates_ ? tr("share of the way to %1").arg(goal_) : tr("how far the cell moved"));
}

}  // namespace cw::ui
