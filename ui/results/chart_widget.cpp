// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/chart_widget.h"

#include "ui/theme/theme.h"

#include <QPainter>

namespace cw::ui {

ChartWidget::ChartWidget(const QString& name, const QString& title, const Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(theme) {
  setObjectName(name);
  setAccessibleName(title);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

QRectF ChartWidget::chartArea() const { return QRectF(rect()).adjusted(12, 4, -12, -4); }

void ChartWidget::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  paintChart(painter, chartArea(), PlotInk::screen(theme_));
}

}  // namespace cw::ui
