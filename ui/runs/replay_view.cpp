// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/replay_view.h"

#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kDot = 2.6;
constexpr double kGroundDot = 1.1;
constexpr double kNear = 6.0;  // pixels within which a cell is pointed at
constexpr int kMargin = 8;
constexpr int kLegendRow = 16;
constexpr double kLegendDot = 12.0;  // from the margin to the name
constexpr std::size_t kMostLegend = 12;

QString text_of(const std::string& text) { return QString::fromStdString(text); }

}  // namespace

ReplayView::ReplayView(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setMinimumHeight(120);
  setAccessibleName(tr("Cells kept out, on the map"));
  connect(&theme, &Theme::changed, this, [this] {
    ground_ = QPixmap();
    update();
  });
}

void ReplayView::setReplay(const ReplayPtr& replay) {
  replay_ = replay;
  frame_ = 0;
  ground_ = QPixmap();
  update();
}

void ReplayView::showFrame(std::size_t frame, bool called) {
  if (!replay_ || frame >= replay_->frames.size()) return;
  frame_ = frame;
  called_ = called;
  update();
}

// As wide as the longest name, and never so wide that the map is smaller than the names.
double ReplayView::legendWidth() const {
  const QFontMetricsF metrics(theme_.font("small"));
  double widest = 0.0;
  for (std::size_t c = 0; c < std::min(replay_->classes.size(), kMostLegend); ++c) {
    widest = std::max(widest, metrics.horizontalAdvance(text_of(replay_->classes[c])));
  }
  return std::min(kMargin + kLegendDot + widest, 0.4 * width());
}

QRectF ReplayView::frameRect() const {
  const double left = legendWidth();
  const double side = std::max(1.0, std::min(width() - left, static_cast<double>(height())) - 2 * kMargin);
  return {left + (width() - left - side) / 2.0, (height() - side) / 2.0, side, side};
}

QPointF ReplayView::onScreen(const QPointF& place) const {
  const QRectF frame = frameRect();
  return {frame.left() + place.x() * frame.width(), frame.top() + place.y() * frame.height()};
}

void ReplayView::drawGround() {
  const double scale = devicePixelRatioF();
  ground_ = QPixmap(size() * scale);
  ground_.setDevicePixelRatio(scale);
  ground_.fill(Qt::transparent);
  QPainter painter(&ground_);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme_.color("line"));
  for (const QPointF& place : replay_->ground) painter.drawEllipse(onScreen(place), kGroundDot, kGroundDot);
}

void ReplayView::drawLegend(QPainter& painter) const {
  painter.setFont(theme_.font("small"));
  const double room = legendWidth() - kMargin - kLegendDot;
  const std::size_t shown = std::min(replay_->classes.size(), kMostLegend);
  for (std::size_t c = 0; c < shown; ++c) {
    const double y = kMargin + static_cast<double>(c) * kLegendRow;
    painter.setPen(Qt::NoPen);
    painter.setBrush(category_color(static_cast<int>(c)));
    painter.drawEllipse(QPointF(kMargin + kDot, y + kLegendRow / 2.0), kDot + 1, kDot + 1);
    painter.setPen(theme_.color("ink-2"));
    const QString name = painter.fontMetrics().elidedText(text_of(replay_->classes[c]), Qt::ElideRight,
                                                          static_cast<int>(std::ceil(room)));
    painter.drawText(QRectF(kMargin + kLegendDot, y, room + 1, kLegendRow), Qt::AlignVCenter, name);
  }
}

void ReplayView::paintEvent(QPaintEvent*) {
  if (!replay_) return;
  if (ground_.isNull()) drawGround();
  QPainter painter(this);
  painter.drawPixmap(0, 0, ground_);
  painter.setRenderHint(QPainter::Antialiasing);
  const std::vector<std::int32_t>& calls = replay_->frames[frame_].calls;
  for (std::size_t i = 0; i < replay_->places.size(); ++i) {
    const bool right = calls[i] == replay_->truth[i];
    const QColor color = category_color(called_ ? calls[i] : replay_->truth[i]);
    painter.setPen(right ? QPen(Qt::NoPen) : QPen(color, 1.6));
    painter.setBrush(right ? QBrush(color) : QBrush(Qt::NoBrush));
    painter.drawEllipse(onScreen(replay_->places[i]), kDot, kDot);
  }
  drawLegend(painter);
}

void ReplayView::resizeEvent(QResizeEvent* event) {
  ground_ = QPixmap();
  QWidget::resizeEvent(event);
}

bool ReplayView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || !replay_) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  for (std::size_t i = 0; i < replay_->places.size(); ++i) {
    if (QLineF(onScreen(replay_->places[i]), help->pos()).length() > kNear) continue;
    const auto truth = static_cast<std::size_t>(replay_->truth[i]);
    const auto call = static_cast<std::size_t>(replay_->frames[frame_].calls[i]);
    QToolTip::showText(help->globalPos(), tr("%1: %2, called %3")
                                              .arg(text_of(replay_->names[i]), text_of(replay_->classes[truth]),
                                                   text_of(replay_->classes[call])));
    return true;
  }
  QToolTip::hideText();
  return true;
}

}  // namespace cw::ui
