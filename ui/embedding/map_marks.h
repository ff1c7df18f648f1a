// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/embedding/color_field.h"

#include <QLineF>
#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <functional>
#include <span>

namespace cw::ui {

/// Where the name of a group of cells is written: at its medoid, the cell nearest to the group's median.
struct GroupMark {
  int category = 0;
  QPointF at;  ///< map coordinates
  std::int64_t count = 0;
  std::int64_t cell = 0;  ///< the medoid
};
/// Largest group first. Groups without a cell on the map have none. `axes`: of the dimensions, as many are looked at.
[[nodiscard]] std::vector<GroupMark> group_marks(std::span<const float> points, std::int64_t dimensions,
                                                 const ColorField& field, std::size_t axes = 2);

/// Places boxes near the points they belong to, without overlaps and inside `area`, in the order given; a box that
/// finds no place is null. `anchors` and results in the coordinates of the widget.
[[nodiscard]] std::vector<QRectF> place_boxes(std::span<const QPointF> anchors, std::span<const QSizeF> sizes,
                                              const QRectF& area);

/// How densely cells lie: a smoothed count on a square grid.
struct DensityField {
  static constexpr int kSide = 160;
  QRectF bounds;              ///< of the grid, map coordinates; top() is the smallest y
  std::vector<float> values;  ///< [kSide * kSide], row-major from the smallest y
  /// Densities within which 90, 70, 50, 30 and 10 % of the cells lie.
  std::vector<float> levels;
};
[[nodiscard]] DensityField density_of(std::span<const float> points, std::int64_t dimensions,
                                      std::span<const std::uint8_t> shown);
/// The line on which the density is `level`, as pieces in map coordinates.
[[nodiscard]] std::vector<QLineF> contour(const DensityField& density, float level);

}  // namespace cw::ui
