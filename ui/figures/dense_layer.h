// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFont>
#include <QRectF>
#include <functional>

class QPainter;

namespace cw::ui {

/// Above so many marks a vector file gets a picture of them instead: editors choke on more.
inline constexpr qsizetype kMostVectorMarks = 20'000;
inline constexpr double kLayerDpi = 600.0;

/// Draws the marks of a chart ("points, up to millions of them") within `area`, in the painter's coordinates (points,
/// 1/72 inch). Into SVG and PDF more than `kMostVectorMarks` go as one picture at 600 dpi inside the vector frame, with
/// axes and text around it staying vectors; elsewhere `draw` simply draws. Marks must not reach beyond `area`.
void draw_marks(QPainter& painter, const QRectF& area, qsizetype marks, const std::function<void(QPainter&)>& draw);

/// A font of exported figures in points; the painter's unit must be a point. Text drawn with it stays text.
[[nodiscard]] QFont figure_font(double points, QFont::Weight weight = QFont::Normal);

}  // namespace cw::ui
