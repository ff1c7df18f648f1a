// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/group_bars.h"

#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kRow = 30;
constexpr int kBar = 16;
constexpr int kGap = 8;

}  // namespace

QString describe(const GroupBars::Bar& bar) {
  const GroupExpression& value = bar.value;
  QString text = GroupBars::tr("%1: %2").arg(bar.label, number_text(value.mean, 3));
  if (!std::isnan(value.low)) {
    text += GroupBars::tr(" (%1 to %2)").arg(number_text(value.low, 3), number_text(value.high, 3));
  }
  text += GroupBars::tr(", detected in %1 of %2 cells").arg(percent_text(value.detected), count_text(value.cells));
  if (value.by_donors) text += GroupBars::tr(", %1 donors").arg(count_text(value.donors));
  return text;
}

GroupBars::GroupBars(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setObjectName(QStringLiteral("expressionBars"));
  setAccessibleName(tr("Expression by group"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void GroupBars::setBars(QList<Bar> bars) {
  bars_ = std::move(bars);
  QStringList texts;
  for (const Bar& bar : bars_) texts << describe(bar);
  setAccessibleDescription(texts.join(QStringLiteral("; ")));
  updateGeometry();
  update();
}

QSize GroupBars::sizeHint() const { return {200, std::max(1, int(bars_.size())) * kRow}; }

void GroupBars::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme_.font("small"));
  int labels = 0;
  double top = 0.0;
  for (const Bar& bar : bars_) {
    labels = std::max(labels, painter.fontMetrics().horizontalAdvance(bar.label));
    top = std::max({top, bar.value.mean, std::isnan(bar.value.high) ? 0.0 : bar.value.high});
  }
  labels = std::min(labels, width() * 2 / 5);
  const double left = labels + kGap;
  const double span = width() - left - 4;
  for (int i = 0; i < bars_.size(); ++i) {
    const Bar& bar = bars_[i];
    const double middle = i * kRow + kRow / 2.0;
    painter.setPen(theme_.color("ink"));
    painter.drawText(QRectF(0, middle - kRow / 2.0, labels, kRow), Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(bar.label, Qt::ElideRight, labels));
    if (std::isnan(bar.value.mean) || top <= 0.0) continue;
    painter.setPen(Qt::NoPen);
    painter.setBrush(bar.color);
    painter.drawRoundedRect(QRectF(left, middle - kBar / 2.0, bar.value.mean / top * span, kBar), 2, 2);
    if (std::isnan(bar.value.low)) continue;
    painter.setPen(QPen(theme_.color("ink"), 1.4));
    painter.drawLine(QPointF(left + std::max(0.0, bar.value.low) / top * span, middle),
                     QPointF(left + bar.value.high / top * span, middle));
  }
}

bool GroupBars::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto& help = static_cast<const QHelpEvent&>(*event);
    const int row = help.pos().y() / kRow;
    if (row >= 0 && row < bars_.size()) QToolTip::showText(help.globalPos(), describe(bars_[row]), this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace cw::ui
