// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/volcano_view.h"

#include "ui/common/drag_data.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kGripReach = 5.0;
constexpr double kPickReach = 7.0;

}  // namespace

VolcanoView::VolcanoView(const Theme& theme, QWidget* parent)
    : ChartWidget(QStringLiteral("volcanoView"), tr("Effect and confidence"), theme, parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  connect(&theme, &Theme::changed, this, &VolcanoView::drawCloud);
}

void VolcanoView::setResult(RunResultPtr result) {
  plot_.setResult(std::move(result));
  if (plot_.result()) {
    const auto rows = static_cast<std::int64_t>(plot_.numRows());
    setAccessibleDescription(tr("%1 genes; the table below has the same numbers").arg(count_text(rows)));
  }
  drawCloud();
  update();
}

void VolcanoView::setSelected(const std::vector<std::int64_t>& rows) {
  plot_.setSelected(rows);
  update();
}

void VolcanoView::setThresholds(double fdr, double leastEffect) {
  plot_.setThresholds(fdr, leastEffect);
  update();
}

namespace {
QRectF plot_rect(const QRectF& widget) { return widget.adjusted(22, 10, -14, -26); }
}  // namespace

// The grey cloud once per size: dragging a threshold paints it and the few dots beyond.
void VolcanoView::drawCloud() {
  const double scale = devicePixelRatioF();
  cloud_ = QImage((QSizeF(size()) * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
  cloud_.setDevicePixelRatio(scale);
  cloud_.fill(Qt::transparent);
  if (!plot_.result() || width() < 40 || height() < 40) return;
  const PlotInk ink = PlotInk::screen(theme());
  const double radius = ink.dot;
  QImage sprite((QSizeF(2 * radius + 2, 2 * radius + 2) * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
  sprite.setDevicePixelRatio(scale);
  sprite.fill(Qt::transparent);
  {
    QPainter painter(&sprite);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor grey = ink.ink3;
    grey.setAlphaF(0.45F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(grey);
    painter.drawEllipse(QPointF(radius + 1, radius + 1), radius, radius);
  }
  const VolcanoPlot::Frame frame = plot_.frameOf(plot_rect(rect()));
  QPainter painter(&cloud_);
  for (std::size_t row = 0; row < plot_.numRows(); ++row) {
    if (!plot_.isPlaced(row)) continue;
    const QPointF at = plot_.at(frame, row);
    painter.drawImage(QPointF(at.x() - radius - 1, at.y() - radius - 1), sprite);
  }
}

void VolcanoView::paintChart(QPainter& painter, const QRectF&, const PlotInk& ink) {
  if (!plot_.result()) return;
  const VolcanoPlot::Frame frame = plot_.frameOf(plot_rect(rect()));
  painter.drawImage(QPointF(0, 0), cloud_);
  plot_.paintAxes(painter, frame, ink);
  painter.setFont(ink.small);
  const QRectF& plot = frame.plot;
  if (plot_.hasFdr()) {
    const double y = frame.y(-std::log10(plot_.fdr()));
    painter.setPen(QPen(ink.accent, grip_ == Grip::kFdr ? 2.0 : 1.0, Qt::DashLine));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.drawText(QRectF(plot.left(), y - 16, plot.width(), 14), Qt::AlignRight,
                     tr("FDR %1").arg(number_text(plot_.fdr(), 2)));
  }
  painter.setPen(QPen(ink.accent, grip_ == Grip::kLeft || grip_ == Grip::kRight ? 2.0 : 1.0, Qt::DashLine));
  if (plot_.leastEffect() > 0) {
    painter.drawLine(QPointF(frame.x(plot_.leastEffect()), plot.top()),
                     QPointF(frame.x(plot_.leastEffect()), plot.bottom()));
    if (plot_.result()->hasStates()) {
      painter.drawLine(QPointF(frame.x(-plot_.leastEffect()), plot.top()),
                       QPointF(frame.x(-plot_.leastEffect()), plot.bottom()));
    }
  } else {
    // a short grip on the axis, to be pulled to the side
    painter.drawLine(QPointF(frame.x(0), plot.bottom() - 10), QPointF(frame.x(0), plot.bottom()));
  }
  plot_.paintHits(painter, frame, ink);
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink.accent, 2));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
  }
}

void VolcanoView::resizeEvent(QResizeEvent*) { drawCloud(); }

VolcanoView::Grip VolcanoView::gripAt(const QPointF& at) const {
  if (!plot_.result()) return Grip::kNone;
  const VolcanoPlot::Frame frame = plot_.frameOf(plot_rect(rect()));
  if (!frame.plot.adjusted(-8, -8, 8, 8).contains(at)) return Grip::kNone;
  if (plot_.hasFdr() && std::abs(at.y() - frame.y(-std::log10(plot_.fdr()))) < kGripReach) return Grip::kFdr;
  const bool low = plot_.leastEffect() > 0 || at.y() > frame.plot.bottom() - 12;
  if (low && std::abs(at.x() - frame.x(plot_.leastEffect())) < kGripReach) return Grip::kRight;
  if (low && plot_.result()->hasStates() && std::abs(at.x() - frame.x(-plot_.leastEffect())) < kGripReach)
    return Grip::kLeft;
  return Grip::kNone;
}

std::int64_t VolcanoView::rowAt(const QPointF& at) const {
  if (!plot_.result()) return -1;
  const VolcanoPlot::Frame frame = plot_.frameOf(plot_rect(rect()));
  std::int64_t best = -1;
  double nearest = kPickReach;
  for (std::size_t row = 0; row < plot_.numRows(); ++row) {
    if (!plot_.isPlaced(row)) continue;
    const QPointF d = plot_.at(frame, row) - at;
    const double distance = std::hypot(d.x(), d.y()) - (plot_.passes(row) ? 2.0 : 0.0);
    if (distance < nearest) {
      nearest = distance;
      best = static_cast<std::int64_t>(row);
    }
  }
  return best;
}

void VolcanoView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  pressed_ = event->position();
  pressedRow_ = rowAt(pressed_);
  grip_ = pressedRow_ >= 0 ? Grip::kNone : gripAt(pressed_);
  update();
}

void VolcanoView::mouseMoveEvent(QMouseEvent* event) {
  if (!plot_.result()) return;
  const VolcanoPlot::Frame frame = plot_.frameOf(plot_rect(rect()));
  if (!(event->buttons() & Qt::LeftButton)) {
    const Grip grip = rowAt(event->position()) >= 0 ? Grip::kNone : gripAt(event->position());
    setCursor(grip == Grip::kFdr ? Qt::SplitVCursor : grip == Grip::kNone ? Qt::ArrowCursor : Qt::SplitHCursor);
    return;
  }
  if (grip_ == Grip::kFdr) {
    setThresholds(std::pow(10.0, -std::max(0.0, frame.height(event->position().y()))), plot_.leastEffect());
  } else if (grip_ != Grip::kNone) {
    setThresholds(plot_.fdr(), std::abs(frame.effect(event->position().x())));
  } else if (pressedRow_ >= 0 &&
             (event->position() - pressed_).manhattanLength() >= QApplication::startDragDistance()) {
    GeneDrag drag;
    drag.ensemblIds = plot_.result()->text(pressedRow_, "ensembl_id").split(QLatin1Char('+'));
    drag.symbols = plot_.result()->text(pressedRow_, "gene").split(QLatin1Char('+'));
    drag.origin = QStringLiteral("volcanoView");
    const QString name = drag.symbols.join(QLatin1Char('+'));
    pressedRow_ = -1;
    if (drag.ensemblIds.size() == drag.symbols.size()) start_drag(this, mime_of(drag), name);
  }
}

void VolcanoView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (grip_ != Grip::kNone) {
    grip_ = Grip::kNone;
    update();
    Q_EMIT thresholdsChanged(plot_.fdr(), plot_.leastEffect());
  } else if (pressedRow_ >= 0) {
    Q_EMIT rowPicked(pressedRow_);
  }
  pressedRow_ = -1;
}

void VolcanoView::keyPressEvent(QKeyEvent* event) {
  const bool up = event->key() == Qt::Key_Up;
  const bool right = event->key() == Qt::Key_Right;
  if (up || event->key() == Qt::Key_Down) {
    setThresholds(plot_.fdr() * (up ? 0.5 : 2.0), plot_.leastEffect());
  } else if (right || event->key() == Qt::Key_Left) {
    setThresholds(plot_.fdr(), plot_.leastEffect() + (right ? 0.02 : -0.02) * plot_.widest());
  } else {
    return QWidget::keyPressEvent(event);
  }
  Q_EMIT thresholdsChanged(plot_.fdr(), plot_.leastEffect());
}

bool VolcanoView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::int64_t row = rowAt(help->pos());
    if (row < 0) {
      QToolTip::hideText();
      return true;
    }
    QToolTip::showText(help->globalPos(),
                       tr("%1\neffect %2\nFDR %3\n%4 cells")
                           .arg(plot_.result()->text(row, "gene"), number_text(plot_.result()->value(row, "effect"), 3),
                                number_text(plot_.result()->value(row, "fdr"), 2),
                                count_text(static_cast<std::int64_t>(plot_.result()->value(row, "n_cells")))),
                       this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace cw::ui
