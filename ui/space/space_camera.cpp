// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/space/space_camera.h"

#include "core/base/parallel.h"

#include <QMatrix3x3>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr std::int64_t kGrain = 1 << 15;

bool is_finite(const float* p) { return std::isfinite(p[0]) && std::isfinite(p[1]) && std::isfinite(p[2]); }

}  // namespace

void SpaceCamera::turnBy(QPointF drag, double size) {
  constexpr double kTurnAcross = 180.0;  // degrees from edge to edge
  const double degrees = kTurnAcross / std::max(1.0, size);
  const auto about = [](double x, double y, double angle) {
    return QQuaternion::fromAxisAndAngle(static_cast<float>(x), static_cast<float>(y), 0.0F, static_cast<float>(angle));
  };
  turn = (about(0, 1, drag.x() * degrees) * about(1, 0, drag.y() * degrees) * turn).normalized();
}

QVector3D SpaceCamera::axis(int which) const {
  return turn.rotatedVector({which == 0 ? 1.0F : 0.0F, which == 1 ? 1.0F : 0.0F, which == 2 ? 1.0F : 0.0F});
}

SpaceCamera camera_for(std::span<const float> points, std::int64_t dimensions) {
  const auto step = static_cast<std::size_t>(dimensions);
  SpaceCamera camera;
  for (int d = 0; d < 3; ++d) {
    std::vector<float> along;
    for (std::size_t i = 0; i + 2 < points.size(); i += step) {
      if (is_finite(&points[i])) along.push_back(points[i + static_cast<std::size_t>(d)]);
    }
    if (along.empty()) return camera;
    // a few cells far off must not push all others aside
    const auto at = [&along](double share) {
      const auto place = along.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(along.size() - 1) * share);
      std::nth_element(along.begin(), place, along.end());
      return *place;
    };
    camera.middle[d] = (at(0.01) + at(0.99)) / 2;
  }
  std::vector<float> away;
  for (std::size_t i = 0; i + 2 < points.size(); i += step) {
    if (!is_finite(&points[i])) continue;
    away.push_back((QVector3D(points[i], points[i + 1], points[i + 2]) - camera.middle).length());
  }
  camera.reach = std::max(1e-6, static_cast<double>(*std::max_element(away.begin(), away.end())));
  const auto most = away.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(away.size() - 1) * 0.99);
  std::nth_element(away.begin(), most, away.end());
  camera.extent = std::max(1e-6, static_cast<double>(*most));
  // seen a little from above and from the side, so that the third axis shows at first sight
  camera.turn = QQuaternion::fromEulerAngles(22.0F, -28.0F, 0.0F);
  return camera;
}

SpaceView look_at(std::span<const float> points, std::int64_t dimensions, const SpaceCamera& camera) {
  const auto step = static_cast<std::size_t>(dimensions);
  const std::size_t cells = points.size() / step;
  SpaceView view;
  view.plane.resize(2 * cells);
  view.nearness.resize(cells);
  const QMatrix3x3 m = camera.turn.toRotationMatrix();
  const auto distance = static_cast<float>(camera.distance());
  parallel_for(0, static_cast<std::int64_t>(cells), kGrain, 0, [&](std::int64_t from, std::int64_t to, int) {
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      const float* p = &points[i * step];
      const float x = p[0] - camera.middle.x(), y = p[1] - camera.middle.y(), z = p[2] - camera.middle.z();
      const float near = m(2, 0) * x + m(2, 1) * y + m(2, 2) * z;
      const float larger = distance / (distance - near);
      view.plane[2 * i] = (m(0, 0) * x + m(0, 1) * y + m(0, 2) * z) * larger;
      view.plane[2 * i + 1] = (m(1, 0) * x + m(1, 1) * y + m(1, 2) * z) * larger;
      view.nearness[i] = near;
    }
  });
  return view;
}

}  // namespace cw::ui
