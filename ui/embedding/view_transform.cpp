// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/view_transform.h"

#include <algorithm>

namespace cw::ui {

void ViewTransform::zoomAt(QPointF screen, double factor) {
  const QPointF fixed = toMap(screen);
  scale = std::clamp(scale * factor, 1e-6, 1e9);
  const QPointF moved = toMap(screen);
  center += fixed - moved;
}

void ViewTransform::panBy(QPointF screen) { center += QPointF(-screen.x() / scale, screen.y() / scale); }

void ViewTransform::fit(const QRectF& bounds, const QMarginsF& margins) {
  const double width = std::max(40.0, size.width() - margins.left() - margins.right());
  const double height = std::max(40.0, size.height() - margins.top() - margins.bottom());
  scale = std::min(width / std::max(bounds.width(), 1e-9), height / std::max(bounds.height(), 1e-9));
  const QPointF shift((margins.left() - margins.right()) / 2, (margins.top() - margins.bottom()) / 2);
  center = bounds.center() + QPointF(-shift.x() / scale, shift.y() / scale);
}

}  // namespace cw::ui
