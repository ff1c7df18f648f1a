// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/chip.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>

namespace cw::ui {
namespace {

constexpr int kSide = 9;
constexpr int kGap = 5;
constexpr int kDot = 8;
constexpr int kHeight = 22;

}  // namespace

Chip::Chip(const Theme& theme, const QString& objectName, const QString& accessibleName, QWidget* parent)
    : QToolButton(parent), theme_(theme) {
  setObjectName(objectName);
  setAccessibleName(accessibleName);
  setPopupMode(QToolButton::InstantPopup);
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Chip::setParts(QList<Part> parts) {
  parts_ = std::move(parts);
  QStringList words;
  for (const Part& part : parts_) words << part.text;
  setText(words.join(QLatin1Char(' ')));
  setAccessibleDescription(text());
  updateGeometry();
  update();
}

int Chip::widthOf(const Part& part) const {
  const QFontMetrics metrics(theme_.font("small", QFont::Medium));
  return metrics.horizontalAdvance(part.text) + (part.dot.isValid() ? kDot + kGap : 0);
}

QSize Chip::sizeHint() const {
  int width = 2 * kSide + kGap * std::max(0, int(parts_.size()) - 1);
  for (const Part& part : parts_) width += widthOf(part);
  return {width, kHeight};
}

void Chip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool focused = hasFocus();
  painter.setPen(QPen(theme_.color(focused ? "accent" : "line-strong"), focused ? 2.0 : 1.0));
  painter.setBrush(theme_.color(isEnabled() && underMouse() ? "hover" : "panel"));
  const double radius = theme_.size("radius-chip");
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), radius, radius);
  painter.setFont(theme_.font("small", QFont::Medium));
  int x = kSide;
  for (const Part& part : parts_) {
    if (part.dot.isValid()) {
      painter.setPen(Qt::NoPen);
      painter.setBrush(part.dot);
      painter.drawEllipse(QRectF(x, height() / 2.0 - kDot / 2.0, kDot, kDot));
    }
    painter.setPen(theme_.color(!isEnabled() ? "ink-3" : part.faint ? "ink-2" : "ink"));
    const int indent = part.dot.isValid() ? kDot + kGap : 0;
    const int width = widthOf(part);
    painter.drawText(QRect(x + indent, 0, width - indent + 1, height()), Qt::AlignVCenter | Qt::AlignLeft, part.text);
    x += width + kGap;
  }
}

void Chip::mousePressEvent(QMouseEvent* event) {
  if (!drag || event->button() != Qt::LeftButton) return QToolButton::mousePressEvent(event);
  pressed_ = event->pos();
  down_ = true;
}

void Chip::mouseMoveEvent(QMouseEvent* event) {
  if (!down_) return QToolButton::mouseMoveEvent(event);
  if ((event->pos() - pressed_).manhattanLength() < QApplication::startDragDistance()) return;
  down_ = !drag();
}

void Chip::mouseReleaseEvent(QMouseEvent* event) {
  if (!down_) return QToolButton::mouseReleaseEvent(event);
  down_ = false;
  showMenu();
}

}  // namespace cw::ui
