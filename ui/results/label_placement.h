// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>
#include <QPointF>
#include <QRectF>
#include <QSizeF>

namespace cw::ui {

struct LabelWish {
  QPointF point;
  QSizeF size;
  double radius = 4.0;  ///< of the point's dot
};

/// Finds places for labels beside their points so that none overlaps another, another label's dot, or the border.
/// Labels come in the order of their weight; one without a free place gets an empty rectangle.
[[nodiscard]] QList<QRectF> place_labels(const QList<LabelWish>& labels, const QRectF& area);

}  // namespace cw::ui
