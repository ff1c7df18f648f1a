// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/well_chip.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kHeight = 22;
constexpr int kSide = 9;
constexpr int kGap = 5;
constexpr int kCross = 14;
constexpr int kDot = 8;

}  // namespace

WellChip::WellChip(const Theme& theme, const QString& objectName, const QString& text, const QString& detail,
                   QWidget* parent)
    : QWidget(parent), theme_(theme), text_(text), detail_(detail) {
  setObjectName(objectName);
  setAccessibleName(detail.isEmpty() ? text : text + QStringLiteral(", ") + detail);
  setAccessibleDescription(tr("Press Delete to take it out"));
  setFocusPolicy(Qt::StrongFocus);
  setFixedHeight(kHeight);
}

void WellChip::setDot(const QColor& color) {
  dot_ = color;
  updateGeometry();
}

void WellChip::setRemovable(bool removable) {
  removable_ = removable;
  setAccessibleDescription(removable ? tr("Press Delete to take it out") : QString());
  updateGeometry();
}

QSize WellChip::sizeHint() const {
  const QFontMetrics metrics(theme_.font("small"));
  int width = 2 * kSide + metrics.horizontalAdvance(text_) + 1;  // a fraction of a pixel less would cut the text
  if (!detail_.isEmpty()) width += kGap + metrics.horizontalAdvance(detail_);
  if (dot_.isValid()) width += kDot + kGap;
  if (removable_) width += kCross;
  return {width, kHeight};
}

QSize WellChip::minimumSizeHint() const { return {std::min(sizeHint().width(), 48), kHeight}; }

QRectF WellChip::crossRect() const { return QRectF(width() - kSide - 9, (height() - 8) / 2.0, 8, 8); }

void WellChip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool focused = hasFocus();
  painter.setPen(QPen(theme_.color(focused ? "accent" : "line-strong"), focused ? 2.0 : 1.0));
  painter.setBrush(theme_.color(hovered_ ? "hover" : "panel"));
  const double inset = focused ? 1.0 : 0.5;
  const double radius = theme_.size("radius-chip");
  painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), radius, radius);
  painter.setFont(theme_.font("small"));
  int x = kSide;
  if (dot_.isValid()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(dot_);
    painter.drawEllipse(QRectF(x, (height() - kDot) / 2.0, kDot, kDot));
    x += kDot + kGap;
  }
  const QFontMetrics metrics(theme_.font("small"));
  const int detail = detail_.isEmpty() ? 0 : metrics.horizontalAdvance(detail_) + kGap;
  const int room = width() - x - kSide - (removable_ ? kCross : 0);
  const QString text = metrics.elidedText(text_, Qt::ElideRight, std::max(20, room - detail));
  painter.setPen(theme_.color("ink"));
  painter.drawText(QRect(x, 0, room, height()), Qt::AlignVCenter, text);
  x += metrics.horizontalAdvance(text) + kGap;
  painter.setPen(theme_.color("ink-2"));
  if (detail > 0 && x + detail <= kSide + room + kDot + kGap) {
    painter.drawText(QRect(x, 0, detail, height()), Qt::AlignVCenter, detail_);
  }
  if (!removable_) return;
  const QRectF cross = crossRect();
  painter.setPen(QPen(theme_.color(hovered_ || focused ? "ink" : "ink-3"), 1.4));
  painter.drawLine(cross.topLeft(), cross.bottomRight());
  painter.drawLine(cross.topRight(), cross.bottomLeft());
}

void WellChip::keyPressEvent(QKeyEvent* event) {
  if (removable_ && (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)) {
    Q_EMIT removeRequested();
  } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space) {
    Q_EMIT activated();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void WellChip::mousePressEvent(QMouseEvent* event) { pressed_ = event->position().toPoint(); }

void WellChip::mouseMoveEvent(QMouseEvent* event) {
  const bool far = (event->position().toPoint() - pressed_).manhattanLength() >= QApplication::startDragDistance();
  if ((event->buttons() & Qt::LeftButton) && far) Q_EMIT dragStarted();
}

void WellChip::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (removable_ && crossRect().adjusted(-6, -7, 8, 7).contains(event->position())) {
    Q_EMIT removeRequested();
  } else {
    Q_EMIT activated();
  }
}

void WellChip::enterEvent(QEnterEvent*) {
  hovered_ = true;
  update();
}

void WellChip::leaveEvent(QEvent*) {
  hovered_ = false;
  update();
}

void WellChip::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void WellChip::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace cw::ui
