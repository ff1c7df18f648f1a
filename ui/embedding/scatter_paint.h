// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/embedding/map_marks.h"
#include "ui/embedding/scatter_scene.h"
#include "ui/embedding/view_transform.h"

#include <QImage>
#include <functional>

class QPainter;

namespace cw::ui {

class Theme;

/// Radius of a dot for so many cells on a canvas of this side length (the root of its area), in widget units.
[[nodiscard]] double dot_radius(std::int64_t num_cells, double side);

/// Ink 3 at 35 % on the ground, as one opaque colour: overlapping cells do not add up.
[[nodiscard]] QColor quiet_color(const QColor& ink, const QColor& ground);

/// Text that stays readable on dots; `at` is the start of its base line.
void paint_halo_text(QPainter& painter, QPointF at, const QString& text, const QFont& font, const QColor& ink,
                     const QColor& halo);

/// Names of groups at their marks, without overlaps; hidden categories have none.
void paint_labels(QPainter& painter, const ViewTransform& view, const std::vector<GroupMark>& marks,
                  const FieldLook& look, const std::function<QString(int)>& name, const QFont& font, const QColor& ink,
                  const QColor& halo, const QRectF& area);

/// The card about a cell beside `at`: a bold first line, then "name: value" lines in two columns.
void paint_card(QPainter& painter, const Theme& theme, QPointF at, const QStringList& lines, const QRect& area);

/// A short text on a rounded ground, kept inside `area`.
void paint_chip(QPainter& painter, const Theme& theme, QPointF at, const QString& text, const QRect& area);

/// The density as an image with transparency: darker where cells lie closer; the first row is the largest y.
[[nodiscard]] QImage density_image(const DensityField& density, const QColor& color);

}  // namespace cw::ui
