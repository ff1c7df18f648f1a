// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/scale_legend.h"

#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QContextMenuEvent>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kWidth = 196;
constexpr int kHeight = 76;
constexpr double kSide = 14;
constexpr double kBarTop = 32;
constexpr QSize kCompact{128, 44};
constexpr double kCompactBarTop = 8;
constexpr double kBarHeight = 10;
constexpr double kHandle = 7;

QString scale_words(const QString& name) {
  if (name == QLatin1String("start-goal")) return ScaleLegend::tr("Start to goal colours, around 0");
  QString words = name;
  words[0] = words[0].toUpper();
  return words;
}

}  // namespace

ScaleLegend::ScaleLegend(const Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(theme), editor_(new QLineEdit(this)) {
  setObjectName(QStringLiteral("scaleLegend"));
  setAccessibleName(tr("Colour range"));
  setFocusPolicy(Qt::StrongFocus);
  setFixedSize(sizeHint());
  setToolTip(tr("Drag the ends, or double-click a number, to change the range. Right-click for other colours."));
  editor_->setObjectName(QStringLiteral("scaleEdit"));
  editor_->setAccessibleName(tr("End of the colour range"));
  editor_->hide();
  connect(editor_, &QLineEdit::editingFinished, this, [this] {
    if (!editor_->isVisible()) return;
    editor_->hide();
    bool ok = false;
    QString text = editor_->text();
    const double value = QLocale::c().toDouble(text.replace(QChar(0x2212), QLatin1Char('-')), &ok);
    if (ok && std::isfinite(value)) setEnd(current_, value, true);
  });
}

QSize ScaleLegend::sizeHint() const { return compact_ ? kCompact : QSize(kWidth, kHeight); }

void ScaleLegend::setCompact(bool compact) {
  if (compact == compact_) return;
  compact_ = compact;
  setFixedSize(sizeHint());
  update();
}

void ScaleLegend::setValues(const QString& title, const QString& unit, const QString& note, double lowest,
                            double highest) {
  title_ = title;
  unit_ = unit;
  note_ = note;
  lowest_ = lowest;
  highest_ = highest;
  setAccessibleName(tr("Colour range of %1").arg(title));
  update();
}

void ScaleLegend::setRange(double low, double high) {
  low_ = low;
  high_ = high;
  setAccessibleDescription(tr("from %1 to %2").arg(number_text(low), number_text(high)));
  update();
}

void ScaleLegend::setScale(const QString& name) {
  scale_ = name;
  update();
}

QRectF ScaleLegend::bar() const {
  return {kSide, compact_ ? kCompactBarTop : kBarTop, width() - 2 * kSide, kBarHeight};
}

double ScaleLegend::xOf(double value) const {
  const double low = std::min(lowest_, low_), high = std::max(highest_, high_);
  const double share = high > low ? (value - low) / (high - low) : 0.0;
  return bar().left() + std::clamp(share, 0.0, 1.0) * bar().width();
}

ScaleLegend::End ScaleLegend::endAt(QPointF at) const {
  if (at.y() < bar().top() - 8) return End::kNone;
  return std::abs(at.x() - xOf(low_)) < std::abs(at.x() - xOf(high_)) ? End::kLow : End::kHigh;
}

void ScaleLegend::setEnd(End end, double value, bool finished) {
  const double least = 1e-6 * std::max(1e-9, highest_ - lowest_);
  if (end == End::kLow) setRange(std::min(value, high_ - least), high_);
  if (end == End::kHigh) setRange(low_, std::max(value, low_ + least));
  Q_EMIT rangeChanged(low_, high_, finished);
}

void ScaleLegend::paintTitle(QPainter& painter) {
  painter.setFont(theme_.font("small", QFont::DemiBold));
  painter.setPen(theme_.color("ink"));
  const QFontMetricsF bold(painter.font());
  const QString title = bold.elidedText(title_, Qt::ElideRight, width() - 2 * kSide);
  painter.drawText(QPointF(kSide, 20), title);
  painter.setFont(theme_.font("caption"));
  const QFontMetricsF caption(painter.font());
  painter.setPen(theme_.color("ink-2"));
  const double unitLeft = kSide + bold.horizontalAdvance(title) + 8;
  painter.drawText(QRectF(unitLeft, 7, width() - kSide - unitLeft, 18), Qt::AlignRight | Qt::AlignVCenter,
                   caption.elidedText(unit_, Qt::ElideRight, width() - kSide - unitLeft));
}

void ScaleLegend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double inner = width() - 2 * kSide;
  if (!compact_) paintTitle(painter);
  const QRectF whole = bar();
  QPainterPath clip;
  clip.addRoundedRect(whole, 3, 3);
  painter.save();
  painter.setClipPath(clip);
  const QList<QRgb>& colors = color_scale(scale_);
  painter.fillRect(whole, QColor(colors.first()));
  painter.fillRect(QRectF(xOf(high_), whole.top(), whole.right() - xOf(high_), whole.height()), QColor(colors.last()));
  QLinearGradient gradient(xOf(low_), 0, xOf(high_), 0);
  for (int i = 0; i <= 16; ++i) gradient.setColorAt(i / 16.0, QColor(colors[std::min(255, i * 16)]));
  painter.fillRect(QRectF(xOf(low_), whole.top(), xOf(high_) - xOf(low_), whole.height()), gradient);
  painter.restore();
  for (const End end : {End::kLow, End::kHigh}) {
    const double x = xOf(end == End::kLow ? low_ : high_);
    const bool active = dragged_ == end || (hasFocus() && current_ == end);
    painter.setPen(QPen(theme_.color(active ? "accent" : "line-strong"), active ? 2 : 1));
    painter.setBrush(theme_.color("panel"));
    painter.drawRoundedRect(QRectF(x - kHandle / 2, whole.top() - 3, kHandle, whole.height() + 6), 3, 3);
  }
  painter.setFont(theme_.font("small"));
  painter.setPen(theme_.color("ink"));
  const QRectF numbers(kSide - 4, whole.bottom() + 7, inner + 8, 18);
  painter.drawText(numbers, Qt::AlignLeft | Qt::AlignVCenter, number_text(low_));
  painter.drawText(numbers, Qt::AlignRight | Qt::AlignVCenter, number_text(high_));
  painter.setFont(theme_.font("caption"));
  painter.setPen(theme_.color("ink-2"));
  if (!compact_) painter.drawText(numbers, Qt::AlignCenter, note_);
}

void ScaleLegend::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  dragged_ = endAt(event->position());
  if (dragged_ != End::kNone && event->position().y() > bar().bottom() + 6) dragged_ = End::kNone;
  if (dragged_ != End::kNone) current_ = dragged_;
  update();
}

void ScaleLegend::mouseMoveEvent(QMouseEvent* event) {
  if (dragged_ == End::kNone) return;
  const double low = std::min(lowest_, low_), high = std::max(highest_, high_);
  const double share = std::clamp((event->position().x() - bar().left()) / bar().width(), 0.0, 1.0);
  setEnd(dragged_, low + share * (high - low), false);
}

void ScaleLegend::mouseReleaseEvent(QMouseEvent*) {
  if (dragged_ == End::kNone) return;
  dragged_ = End::kNone;
  update();
  Q_EMIT rangeChanged(low_, high_, true);
}

void ScaleLegend::mouseDoubleClickEvent(QMouseEvent* event) {
  const bool left = event->position().x() < width() / 2.0;
  edit(left ? End::kLow : End::kHigh);
}

void ScaleLegend::edit(End end) {
  dragged_ = End::kNone;
  current_ = end;
  const int half = width() / 2;
  editor_->setGeometry(end == End::kLow ? 4 : half, height() - 30, half - 4, 28);
  editor_->setText(QString::number(end == End::kLow ? low_ : high_, 'g', 6));
  editor_->show();
  editor_->setFocus();
  editor_->selectAll();
}

void ScaleLegend::contextMenuEvent(QContextMenuEvent* event) { openMenu(event->globalPos()); }

void ScaleLegend::openMenu(const QPoint& globalPosition) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("scaleMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const QString& name : color_scale_names()) {
    QAction* action = menu->addAction(scale_words(name));
    action->setObjectName(QStringLiteral("scale.") + name);
    action->setCheckable(true);
    action->setChecked(name == scale_);
    connect(action, &QAction::triggered, this, [this, name] { Q_EMIT scaleChosen(name); });
  }
  menu->addSeparator();
  connect(menu->addAction(tr("Type the lower end…")), &QAction::triggered, this, [this] { edit(End::kLow); });
  connect(menu->addAction(tr("Type the upper end…")), &QAction::triggered, this, [this] { edit(End::kHigh); });
  connect(menu->addAction(tr("Reset the range")), &QAction::triggered, this, [this] { Q_EMIT resetRequested(); });
  menu->popup(globalPosition);
}

void ScaleLegend::keyPressEvent(QKeyEvent* event) {
  const double step = 0.02 * (std::max(highest_, high_) - std::min(lowest_, low_));
  const double value = current_ == End::kLow ? low_ : high_;
  switch (event->key()) {
    case Qt::Key_Left:
      return setEnd(current_, value - step, true);
    case Qt::Key_Right:
      return setEnd(current_, value + step, true);
    case Qt::Key_Up:
    case Qt::Key_Down:
      current_ = current_ == End::kLow ? End::kHigh : End::kLow;
      return update();
    case Qt::Key_Return:
    case Qt::Key_F2:
      return edit(current_);
    case Qt::Key_Menu:
      return openMenu(mapToGlobal(rect().bottomLeft()));
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace cw::ui
