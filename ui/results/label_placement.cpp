// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/label_placement.h"

#include <algorithm>
#include <array>

namespace cw::ui {

QList<QRectF> place_labels(const QList<LabelWish>& labels, const QRectF& area) {
  QList<QRectF> dots;
  for (const LabelWish& label : labels) {
    dots << QRectF(label.point.x() - label.radius, label.point.y() - label.radius, 2 * label.radius, 2 * label.radius);
  }
  QList<QRectF> placed;
  for (qsizetype i = 0; i < labels.size(); ++i) {
    const auto [point, size, radius] = labels[i];
    const double gap = radius + 3;
    // right first, as one reads; then left, above, below, and the corners
    const std::array<QPointF, 8> corners{QPointF(point.x() + gap, point.y() - size.height() / 2),
                                         QPointF(point.x() - gap - size.width(), point.y() - size.height() / 2),
                                         QPointF(point.x() - size.width() / 2, point.y() - gap - size.height()),
                                         QPointF(point.x() - size.width() / 2, point.y() + gap),
                                         QPointF(point.x() + gap, point.y() - gap - size.height()),
                                         QPointF(point.x() + gap, point.y() + gap),
                                         QPointF(point.x() - gap - size.width(), point.y() - gap - size.height()),
                                         QPointF(point.x() - gap - size.width(), point.y() + gap)};
    QRectF found;
    for (const QPointF& corner : corners) {
      const QRectF rect(corner, size);
      if (!area.contains(rect)) continue;
      const auto hits = [&rect](const QRectF& other) { return other.intersects(rect); };
      if (std::any_of(placed.begin(), placed.end(), hits)) continue;
      bool free = true;
      for (qsizetype k = 0; k < dots.size() && free; ++k) free = k == i || !dots[k].intersects(rect);
      if (!free) continue;
      found = rect;
      break;
    }
    placed << found;
  }
  return placed;
}

}  // namespace cw::ui
