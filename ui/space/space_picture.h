// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/space/space_camera.h"

#include <QColor>
#include <QImage>
#include <QSize>
#include <cstdint>
#include <memory>
#include <vector>

namespace cw::ui {

/// Cells to be drawn, without those that are hidden; in the order of a field, so that every n-th is a fair sample.
struct SpaceCloud {
  std::vector<float> xyz;         ///< [points, 3], finite
  std::vector<std::uint8_t> rgb;  ///< [points, 3]
};
using SpaceCloudPtr = std::shared_ptr<const SpaceCloud>;

/// One picture of a cloud.
struct SpaceFrame {
  SpaceCamera camera;
  QPointF center;      ///< of the camera's plane, shown in the middle of the picture
  double scale = 1.0;  ///< pixels per unit of the plane
  QSize pixels;
  double radius = 2.0;  ///< of a dot at the camera's middle, in pixels
  QColor ground;
  bool draft = false;  ///< while the view moves: a sample of the dots, without smooth edges
};

/// Draws clouds with VTK into images. Lives on one thread with an OpenGL context of its own that is current there; see
/// SpaceRenderer.
class SpacePicture {
 public:
  SpacePicture();
  ~SpacePicture();
  SpacePicture(const SpacePicture&) = delete;
  SpacePicture& operator=(const SpacePicture&) = delete;

  void setCloud(SpaceCloudPtr cloud);
  /// Null where the context cannot draw.
  [[nodiscard]] QImage draw(const SpaceFrame& frame);

 private:
  struct Scene;
  std::unique_ptr<Scene> scene_;
};

}  // namespace cw::ui
