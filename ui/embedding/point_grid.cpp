// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/point_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cw::ui {
namespace {

constexpr int kLargestSide = 1024;
constexpr double kCellsPerSquare = 4.0;

}  // namespace

QRectF bounds_of(std::span<const float> points, std::int64_t dimensions) {
  const auto step = static_cast<std::size_t>(dimensions);
  constexpr float kFar = std::numeric_limits<float>::max();
  float left = kFar, top = kFar, right = -kFar, bottom = -kFar;
  for (std::size_t i = 0; i + 1 < points.size(); i += step) {
    const float x = points[i], y = points[i + 1];
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  return left > right ? QRectF() : QRectF(QPointF(left, top), QPointF(right, bottom));
}

PointGrid::PointGrid(std::span<const float> points, std::int64_t dimensions)
    : bounds_(bounds_of(points, dimensions)), dimensions_(dimensions) {
  const auto step = static_cast<std::size_t>(dimensions);
  const std::size_t count = points.size() / step;
  side_ = std::clamp(static_cast<int>(std::sqrt(static_cast<double>(count) / kCellsPerSquare)), 1, kLargestSide);
  const auto squareOf = [&](std::size_t i) {
    return static_cast<std::size_t>(rowOf(points[i * step + 1])) * static_cast<std::size_t>(side_) +
           static_cast<std::size_t>(columnOf(points[i * step]));
  };
  const auto known = [&](std::size_t i) {
    return std::isfinite(points[i * step]) && std::isfinite(points[i * step + 1]);
  };
  starts_.assign(static_cast<std::size_t>(side_) * static_cast<std::size_t>(side_) + 1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    if (known(i)) ++starts_[squareOf(i) + 1];
  }
  const auto occupied = std::count_if(starts_.begin(), starts_.end(), [](std::uint32_t cells) { return cells > 0; });
  for (std::size_t s = 1; s < starts_.size(); ++s) starts_[s] += starts_[s - 1];
  if (starts_.back() > 0) {
    const double share = static_cast<double>(occupied) / (static_cast<double>(side_) * side_);
    spacing_ = std::sqrt(share * bounds_.width() * bounds_.height() / starts_.back());
  }
  cells_.resize(starts_.back());
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (known(i)) cells_[next[squareOf(i)]++] = static_cast<std::uint32_t>(i);
  }
}

int PointGrid::columnOf(double x) const noexcept {
  const double share = (x - bounds_.left()) / std::max(bounds_.width(), 1e-12);
  return static_cast<int>(std::clamp(share * side_, 0.0, side_ - 1.0));
}

int PointGrid::rowOf(double y) const noexcept {
  const double share = (y - bounds_.top()) / std::max(bounds_.height(), 1e-12);
  return static_cast<int>(std::clamp(share * side_, 0.0, side_ - 1.0));
}

std::int64_t PointGrid::nearest(std::span<const float> points, QPointF at, double radius,
                                const std::function<bool(std::int64_t)>& accept) const {
  if (cells_.empty()) return -1;
  const auto step = static_cast<std::size_t>(dimensions_);
  double best = radius * radius;
  std::int64_t found = -1;
  for (int row = rowOf(at.y() - radius); row <= rowOf(at.y() + radius); ++row) {
    for (int column = columnOf(at.x() - radius); column <= columnOf(at.x() + radius); ++column) {
      const auto square =
          static_cast<std::size_t>(row) * static_cast<std::size_t>(side_) + static_cast<std::size_t>(column);
      for (std::uint32_t k = starts_[square]; k < starts_[square + 1]; ++k) {
        const std::uint32_t cell = cells_[k];
        const double dx = points[cell * step] - at.x(), dy = points[cell * step + 1] - at.y();
        const double distance = dx * dx + dy * dy;
        if (distance > best || !accept(cell)) continue;
        best = distance;
        found = cell;
      }
    }
  }
  return found;
}

}  // namespace cw::ui
