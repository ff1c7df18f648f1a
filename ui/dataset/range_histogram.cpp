// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/range_histogram.h"

#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kReach = 12.0;  // pixels around a handle that count as on it
constexpr int kTop = 22;
constexpr int kBottom = 20;

double scaled(double value, bool logarithmic) { return logarithmic ? std::log10(1.0 + value) : value; }

}  // namespace

RangeHistogram::RangeHistogram(const Theme& theme, const QString& name, bool logarithmic, bool isShare, QWidget* parent)
    : QWidget(parent), theme_(theme), name_(name), logarithmic_(logarithmic), isShare_(isShare) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setToolTip(tr("Drag the handles to choose a range; double-click takes all. Arrow keys move a handle."));
  describe();
}

QSize RangeHistogram::sizeHint() const { return {220, 124}; }

int RangeHistogram::bar_of(double value, double smallest, double largest, bool logarithmic) {
  const double from = scaled(smallest, logarithmic);
  const double span = scaled(largest, logarithmic) - from;
  if (!(span > 0.0)) return 0;
  return std::clamp(static_cast<int>((scaled(value, logarithmic) - from) / span * kBars), 0, kBars - 1);
}

void RangeHistogram::setBars(std::vector<int> counts, double smallest, double largest) {
  counts_ = std::move(counts);
  smallest_ = smallest;
  largest_ = largest;
  low_ = smallest;
  high_ = largest;
  describe();
  update();
}

void RangeHistogram::setRange(double low, double high) {
  low_ = std::clamp(low, smallest_, largest_);
  high_ = std::clamp(high, low_, largest_);
  describe();
  update();
  Q_EMIT rangeChanged();
}

QString RangeHistogram::valueText(double value) const {
  if (isShare_) return percent_text(value);
  return count_text(static_cast<std::int64_t>(std::llround(value)));
}

void RangeHistogram::describe() {
  setAccessibleName(tr("%1: from %2 to %3").arg(name_, valueText(low_), valueText(high_)));
}

QRectF RangeHistogram::plot() const { return QRectF(rect()).adjusted(7, kTop, -7, -kBottom); }

double RangeHistogram::placeOf(double value) const {
  const double from = scaled(smallest_, logarithmic_);
  const double span = scaled(largest_, logarithmic_) - from;
  const QRectF area = plot();
  return span > 0.0 ? area.left() + (scaled(value, logarithmic_) - from) / span * area.width() : area.left();
}

double RangeHistogram::valueAt(double x) const {
  const QRectF area = plot();
  const double share = std::clamp((x - area.left()) / area.width(), 0.0, 1.0);
  const double from = scaled(smallest_, logarithmic_);
  const double value = from + share * (scaled(largest_, logarithmic_) - from);
  return logarithmic_ ? std::pow(10.0, value) - 1.0 : value;
}

void RangeHistogram::move(Handle handle, double value) {
  if (!isShare_) value = std::round(value);
  if (handle == Handle::kLow) return setRange(std::min(value, high_), high_);
  if (handle == Handle::kHigh) setRange(low_, std::max(value, low_));
}

void RangeHistogram::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme_.font("small", QFont::Medium));
  painter.setPen(theme_.color("ink"));
  painter.drawText(QRect(0, 0, width(), 18), Qt::AlignLeft | Qt::AlignVCenter, name_);
  const QRectF area = plot();
  const int most = counts_.empty() ? 1 : std::max(1, *std::max_element(counts_.begin(), counts_.end()));
  painter.setPen(Qt::NoPen);
  const double width_of_bar = area.width() / kBars;
  QColor outside = theme_.color("ink-3");
  outside.setAlphaF(0.35F);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const double height = std::max(1.0, area.height() * counts_[i] / most);
    const double left = area.left() + static_cast<double>(i) * width_of_bar;
    const double middle = left + width_of_bar / 2.0;
    const bool inside = middle >= placeOf(low_) - 0.5 * width_of_bar && middle <= placeOf(high_) + 0.5 * width_of_bar;
    painter.setBrush(inside ? theme_.color("accent") : outside);
    painter.drawRect(QRectF(left, area.bottom() - height, std::max(1.0, width_of_bar - 1.0), height));
  }
  painter.setPen(QPen(theme_.color("line-strong"), 1));
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  for (const Handle handle : {Handle::kLow, Handle::kHigh}) {
    const double x = placeOf(handle == Handle::kLow ? low_ : high_);
    const bool focused = hasFocus() && focused_ == handle;
    painter.setPen(QPen(theme_.color("accent"), focused ? 2.5 : 1.5));
    painter.setBrush(theme_.color("panel"));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    painter.drawEllipse(QPointF(x, area.bottom()), 5.5, 5.5);
  }
  painter.setFont(theme_.font("small"));
  painter.setPen(theme_.color("ink-2"));
  painter.drawText(QRect(0, height() - 15, width(), 15), Qt::AlignLeft | Qt::AlignVCenter, valueText(low_));
  painter.drawText(QRect(0, height() - 15, width(), 15), Qt::AlignRight | Qt::AlignVCenter, valueText(high_));
}

void RangeHistogram::mousePressEvent(QMouseEvent* event) {
  const double x = event->position().x();
  const double to_low = std::abs(x - placeOf(low_));
  const double to_high = std::abs(x - placeOf(high_));
  if (std::min(to_low, to_high) > kReach) return;
  // where both are at one place the one that can move that way is meant
  dragged_ = to_low == to_high  ? (x < placeOf(low_) ? Handle::kLow : Handle::kHigh)
             : to_low < to_high ? Handle::kLow
                                : Handle::kHigh;
  focused_ = dragged_;
  update();
}

void RangeHistogram::mouseMoveEvent(QMouseEvent* event) {
  if (dragged_ != Handle::kNone) return move(dragged_, valueAt(event->position().x()));
  const double x = event->position().x();
  const bool near = std::min(std::abs(x - placeOf(low_)), std::abs(x - placeOf(high_))) <= kReach;
  setCursor(near ? Qt::SizeHorCursor : Qt::ArrowCursor);
}

void RangeHistogram::mouseReleaseEvent(QMouseEvent*) { dragged_ = Handle::kNone; }

void RangeHistogram::mouseDoubleClickEvent(QMouseEvent*) { setRange(smallest_, largest_); }

void RangeHistogram::keyPressEvent(QKeyEvent* event) {
  const int direction = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
  if (direction == 0) return QWidget::keyPressEvent(event);
  const double place = placeOf(focused_ == Handle::kLow ? low_ : high_);
  const double step = plot().width() / kBars * (event->modifiers() & Qt::ShiftModifier ? 5.0 : 1.0);
  move(focused_, valueAt(place + direction * step));
}

bool RangeHistogram::focusNextPrevChild(bool next) {
  if (next && focused_ == Handle::kLow && hasFocus()) {
    focused_ = Handle::kHigh;
    update();
    return true;
  }
  if (!next && focused_ == Handle::kHigh && hasFocus()) {
    focused_ = Handle::kLow;
    update();
    return true;
  }
  focused_ = next ? Handle::kLow : Handle::kHigh;
  return QWidget::focusNextPrevChild(next);
}

}  // namespace cw::ui
