// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/well.h"

#include "ui/theme/theme.h"

#include <QDragEnterEvent>
#include <QGraphicsOpacityEffect>
#include <QMimeData>
#include <QPainter>
#include <QPainterPath>

namespace cw::ui {
namespace {

constexpr double kFaded = 0.4;
constexpr double kEdge = 4.0;

}  // namespace

DropWell::DropWell(const Theme& theme, const QString& objectName, QWidget* parent) : QFrame(parent), theme_(theme) {
  setObjectName(objectName);
  setAcceptDrops(true);
}

void DropWell::setEdge(const char* colorToken) {
  edge_ = colorToken;
  update();
}

void DropWell::setHollow(bool hollow) {
  hollow_ = hollow;
  update();
}

void DropWell::setHint(const QString& hint) {
  hint_ = hint;
  if (light_ != Light::kRefuses) setToolTip(hint);
}

void DropWell::focusInEvent(QFocusEvent* event) {
  QFrame::focusInEvent(event);
  update();
}

void DropWell::focusOutEvent(QFocusEvent* event) {
  QFrame::focusOutEvent(event);
  update();
}

void DropWell::showDrag(const QMimeData* mime) {
  if (mime == nullptr || !refusal) {
    setToolTip(hint_);
    return setLight(Light::kRest);
  }
  const QString why = refusal(*mime);
  setToolTip(why.isEmpty() ? hint_ : why);
  setLight(!why.isEmpty() ? Light::kRefuses : light_ == Light::kHot ? Light::kHot : Light::kAccepts);
}

void DropWell::setLight(Light light) {
  if (light == light_) return;
  light_ = light;
  if (light == Light::kRefuses) {
    auto* fade = new QGraphicsOpacityEffect(this);
    fade->setOpacity(kFaded);
    setGraphicsEffect(fade);
  } else if (graphicsEffect() != nullptr) {
    setGraphicsEffect(nullptr);
  }
  update();
}

void DropWell::dragEnterEvent(QDragEnterEvent* event) {
  const QMimeData* mime = event->mimeData();
  if (refusal && mime != nullptr && refusal(*mime).isEmpty()) {
    event->setDropAction(Qt::CopyAction);
    event->accept();
    setLight(Light::kHot);
  } else {
    event->ignore();
  }
}

void DropWell::dragMoveEvent(QDragMoveEvent* event) {
  if (light_ == Light::kHot) {
    event->setDropAction(Qt::CopyAction);
    event->accept();
  } else {
    event->ignore();
  }
}

void DropWell::dragLeaveEvent(QDragLeaveEvent*) {
  if (light_ == Light::kHot) setLight(Light::kAccepts);
}

void DropWell::dropEvent(QDropEvent* event) {
  setLight(Light::kRest);
  if (!dropped || !refusal || event->mimeData() == nullptr || !refusal(*event->mimeData()).isEmpty()) {
    return event->ignore();
  }
  event->setDropAction(Qt::CopyAction);
  event->accept();
  dropped(*event->mimeData());
}

void DropWell::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool lit = light_ == Light::kAccepts || light_ == Light::kHot;
  const double width = light_ == Light::kHot ? 2.0 : 1.0;
  const QRectF frame = QRectF(rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2);
  const double radius = theme_.size("radius-card");
  QPen pen(theme_.color(lit ? "accent" : "line-strong"), width);
  if (lit || hollow_) pen.setStyle(Qt::DashLine);
  QPainterPath path;
  path.addRoundedRect(frame, radius, radius);
  painter.fillPath(path, theme_.color(lit ? "accent-ground" : "panel"));
  if (*edge_ != 0 && !hollow_) {
    painter.save();
    painter.setClipPath(path);
    painter.fillRect(QRectF(0, 0, kEdge, height()), theme_.color(edge_));
    painter.restore();
  }
  if (hasFocus()) pen = QPen(theme_.color("accent"), 2.0);
  painter.setPen(pen);
  painter.drawPath(path);
}

}  // namespace cw::ui
