// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMarginsF>
#include <QPointF>
#include <QRectF>
#include <QSizeF>

namespace cw::ui {

/// From the coordinates of a map to a widget: one scale for both axes, y upwards on the map and downwards on screen.
struct ViewTransform {
  QPointF center;      ///< of the map, shown in the middle of the widget
  double scale = 1.0;  ///< widget units per map unit
  QSizeF size;         ///< of the widget

  [[nodiscard]] QPointF toScreen(QPointF map) const {
    return {size.width() / 2 + (map.x() - center.x()) * scale, size.height() / 2 - (map.y() - center.y()) * scale};
  }
  [[nodiscard]] QPointF toMap(QPointF screen) const {
    return {center.x() + (screen.x() - size.width() / 2) / scale,
            center.y() - (screen.y() - size.height() / 2) / scale};
  }
  [[nodiscard]] QRectF toMap(const QRectF& screen) const {
    return QRectF(toMap(screen.bottomLeft()), toMap(screen.topRight())).normalized();
  }
  /// Larger or smaller, with the point under `screen` staying where it is.
  void zoomAt(QPointF screen, double factor);
  void panBy(QPointF screen);
  /// Shows all of `bounds` inside the margins.
  void fit(const QRectF& bounds, const QMarginsF& margins);
};

}  // namespace cw::ui
