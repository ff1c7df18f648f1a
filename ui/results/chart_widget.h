// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/results/plot_ink.h"

#include <QWidget>

class QPainter;

namespace cw::ui {

/// A widget that is one chart: painted in the colours of the theme, and anew when they change.
class ChartWidget : public QWidget {
  Q_OBJECT
 public:
  /// `name` for scripts and tests, `title` for those who hear the screen.
  ChartWidget(const QString& name, const QString& title, const Theme& theme, QWidget* parent);
  [[nodiscard]] QSize minimumSizeHint() const override { return {240, 160}; }

 protected:
  /// The chart within `area`, which leaves the margins of the widget free.
  virtual void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) = 0;
  [[nodiscard]] QRectF chartArea() const;
  [[nodiscard]] const Theme& theme() const noexcept { return theme_; }
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme& theme_;
};

}  // namespace cw::ui
