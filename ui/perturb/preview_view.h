// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/results/chart_widget.h"

#include <QList>

namespace cw::ui {

/// A few cells at once: a small volcano, or with few genes one arrow per gene, under the watermark "not a result".
/// It cannot be exported.
class PreviewView : public ChartWidget {
  Q_OBJECT
 public:
  explicit PreviewView(const Theme& theme, QWidget* parent = nullptr);
  /// The answer of the warm engine's `preview`; null takes it away.
  void setResult(const Json& result, const QString& goal);
  /// A sentence in the place of the picture: what a preview is, what it waits for, why there is none.
  void setNote(const QString& note, bool busy);
  [[nodiscard]] bool hasResult() const noexcept { return !points_.isEmpty(); }
  [[nodiscard]] QSize sizeHint() const override { return {320, 220}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {220, 150}; }

 protected:
  void paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) override;

 private:
  struct Point {
    QString label;
    double effect = 0.0;
    double t = 0.0;  ///< mean over its standard error
    double progress = 0.0;
    int cells = 0;
  };
  void paintVolcano(QPainter& painter, const QRectF& area);
  void paintArrows(QPainter& painter, const QRectF& area);

  QList<Point> points_;
  QString goal_;
  QString caption_;
  QString note_;
  bool hasStates_ = false;
  bool busy_ = false;
};

}  // namespace cw::ui
