// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPointF>
#include <QQuaternion>
#include <QVector3D>
#include <cstdint>
#include <span>
#include <vector>

namespace cw::ui {

/// The eye that looks at a cloud of cells: the cloud is turned about its middle, nearer cells appear larger. What it
/// sees lies on a plane through the middle, in units of the map, so that panning and zooming work as on a flat map.
struct SpaceCamera {
  QVector3D middle;
  double reach = 1.0;   ///< from the middle to the farthest cell
  double extent = 1.0;  ///< the same without the one percent of cells that lie farthest off: what a view should hold
  QQuaternion turn;

  /// Of the eye to the middle: far enough that the nearest cell appears at most half as large again.
  [[nodiscard]] double distance() const noexcept { return 3.0 * reach; }
  /// Turned as a hand turns a ball: by widget units, of which `size` span the view.
  void turnBy(QPointF drag, double size);
  /// An axis of the map ("UMAP 1" is 0) as it points on the plane, y upwards, and towards the eye (z).
  [[nodiscard]] QVector3D axis(int which) const;
};

/// `points`: [cells, dimensions] with three or more dimensions, of which the first three are used.
[[nodiscard]] SpaceCamera camera_for(std::span<const float> points, std::int64_t dimensions);

/// What the camera sees: [cells, 2] on its plane and [cells] how near to the eye (larger = nearer). NaN stays NaN.
struct SpaceView {
  std::vector<float> plane;
  std::vector<float> nearness;
};
[[nodiscard]] SpaceView look_at(std::span<const float> points, std::int64_t dimensions, const SpaceCamera& camera);

}  // namespace cw::ui
