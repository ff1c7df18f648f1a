// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/embedding/scatter_scene.h"
#include "ui/embedding/view_transform.h"
#include "ui/space/space_renderer.h"

#include <QTimer>

namespace cw::ui {

/// The third dimension of a canvas: the map as it lies in space, the camera, and the pictures of it. What the camera
/// sees is a flat map again, on which the canvas pans, zooms, names groups and selects.
class SpaceLayer : public QObject {
  Q_OBJECT
 public:
  explicit SpaceLayer(CellMapPtr map, QObject* parent = nullptr);

  [[nodiscard]] const CellMapPtr& map() const noexcept { return map_; }
  [[nodiscard]] const SpaceCamera& camera() const noexcept { return camera_; }
  void setTurn(const QQuaternion& turn);
  void turnBy(QPointF drag, double size);
  /// The map as the camera sees it. `nearness` per cell, larger = nearer.
  [[nodiscard]] const CellMapPtr& flat() const noexcept { return flat_; }
  [[nodiscard]] const std::vector<float>& nearness() const noexcept { return nearness_; }
  /// Holds the cells from every side, but for a few that lie far off.
  [[nodiscard]] QRectF bounds() const;

  /// Colours or hidden cells are others now.
  void dropColors() { cloudDirty_ = true; }
  /// Asks for a picture of `pixels`; `radius` of a dot in pixels.
  void draw(const ScatterScene& scene, const SplatStyle& style, const SplatView& view, QSize pixels, double radius);
  [[nodiscard]] const QImage& picture() const noexcept { return picture_; }
  /// The picture is the one asked for last, in full.
  [[nodiscard]] bool isPainted() const noexcept {
    return !picture_.isNull() && !renderer_.isBusy() && !restTimer_.isActive() && !moving_;
  }
  /// The view moves: pictures are drafts until it rests.
  void setMoving();
  /// The cell under `at` (on the camera's plane): of those whose dots cover it the nearest to the eye, else the
  /// closest within `reach`; -1 = none.
  [[nodiscard]] std::int64_t pick(const ScatterScene& scene, QPointF at, double radius, double reach) const;

 Q_SIGNALS:
  /// A picture came, or one of better quality is wanted (`draw` again).
  void changed();
  void redrawWanted();
  void failed(const QString& why);

 private:
  void look();
  [[nodiscard]] SpaceCloudPtr cloudOf(const ScatterScene& scene, const SplatStyle& style) const;

  CellMapPtr map_, flat_;
  std::vector<float> nearness_;
  SpaceCamera camera_;
  SpaceRenderer renderer_;
  QImage picture_;
  QTimer restTimer_;
  bool moving_ = false;
  bool cloudDirty_ = true;
};

}  // namespace cw::ui
