// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/space_layer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw::ui {
namespace {

constexpr int kRest = 160;  // ms without a movement

}  // namespace

SpaceLayer::SpaceLayer(CellMapPtr map, QObject* parent)
    : QObject(parent), map_(std::move(map)), camera_(camera_for(map_->points, map_->dimensions)) {
  restTimer_.setSingleShot(true);
  restTimer_.setInterval(kRest);
  connect(&restTimer_, &QTimer::timeout, this, [this] {
    moving_ = false;
    Q_EMIT redrawWanted();
  });
  connect(&renderer_, &SpaceRenderer::drawn, this, [this](const QImage& picture) {
    picture_ = picture;
    Q_EMIT changed();
  });
  connect(&renderer_, &SpaceRenderer::failed, this, &SpaceLayer::failed);
  look();
}

void SpaceLayer::setTurn(const QQuaternion& turn) {
  if (turn == camera_.turn) return;
  camera_.turn = turn;
  look();
}

void SpaceLayer::turnBy(QPointF drag, double size) {
  camera_.turnBy(drag, size);
  look();
}

void SpaceLayer::look() {
  SpaceView seen = look_at(map_->points, map_->dimensions, camera_);
  auto flat = std::make_shared<CellMap>();
  flat->name = map_->name;
  flat->key = map_->key;
  flat->note = map_->note;
  flat->points = std::move(seen.plane);
  flat_ = std::move(flat);
  nearness_ = std::move(seen.nearness);
}

QRectF SpaceLayer::bounds() const {
  const double reach = camera_.extent * 1.02;  // of a ball seen from a little nearer than infinity
  return {-reach, -reach, 2 * reach, 2 * reach};
}

void SpaceLayer::setMoving() {
  moving_ = true;
  restTimer_.start();
}

SpaceCloudPtr SpaceLayer::cloudOf(const ScatterScene& scene, const SplatStyle& style) const {
  auto cloud = std::make_shared<SpaceCloud>();
  const SplatPoints& points = scene.points();
  const auto step = static_cast<std::size_t>(map_->dimensions);
  cloud->xyz.reserve(3 * static_cast<std::size_t>(scene.numShown()));
  cloud->rgb.reserve(cloud->xyz.capacity());
  for (std::size_t i = 0; i < points.layer.size(); ++i) {
    if (points.layer[i] == 0) continue;
    const float* at = &map_->points[scene.field()->order[i] * step];
    if (!std::isfinite(at[2])) continue;
    cloud->xyz.insert(cloud->xyz.end(), at, at + 3);
    const QRgb color = points.layer[i] == 1 ? style.quiet : style.palette[points.color[i]];
    for (const int part : {qRed(color), qGreen(color), qBlue(color)})
      cloud->rgb.push_back(static_cast<std::uint8_t>(part));
  }
  return cloud;
}

void SpaceLayer::draw(const ScatterScene& scene, const SplatStyle& style, const SplatView& view, QSize pixels,
                      double radius) {
  if (cloudDirty_) renderer_.setCloud(cloudOf(scene, style));
  cloudDirty_ = false;
  SpaceFrame frame;
  frame.camera = camera_;
  frame.center = {(pixels.width() / 2.0 - view.offsetX) / view.scale,
                  (view.offsetY - pixels.height() / 2.0) / view.scale};
  frame.scale = view.scale;
  frame.pixels = pixels;
  frame.radius = radius;
  frame.ground = QColor(style.ground);
  frame.draft = moving_;
  renderer_.draw(frame);
}

std::int64_t SpaceLayer::pick(const ScatterScene& scene, QPointF at, double radius, double reach) const {
  std::int64_t covering = -1, closest = -1;
  float nearest = std::numeric_limits<float>::lowest();
  double shortest = reach * reach;
  const auto distance = camera_.distance();
  for (std::size_t cell = 0; cell < nearness_.size(); ++cell) {
    if (scene.shown()[cell] == 0) continue;
    const double dx = static_cast<double>(flat_->points[2 * cell]) - at.x();
    const double dy = static_cast<double>(flat_->points[2 * cell + 1]) - at.y();
    const double away = dx * dx + dy * dy;
    if (away > shortest && away > 4 * radius * radius) continue;  // of no dot and too far off
    const double dot = radius * distance / (distance - static_cast<double>(nearness_[cell]));
    if (away <= dot * dot && nearness_[cell] > nearest) {
      nearest = nearness_[cell];
      covering = static_cast<std::int64_t>(cell);
    }
    if (away < shortest) {
      shortest = away;
      closest = static_cast<std::int64_t>(cell);
    }
  }
  return covering >= 0 ? covering : closest;
}

}  // namespace cw::ui
