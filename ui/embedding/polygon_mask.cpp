// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/polygon_mask.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr std::int64_t kGrain = 1 << 15;

// +1 or -1 where the edge crosses the ray from the point to the right, upwards or downwards; else 0
int crossing(double x0, double y0, double x1, double y1, double x, double y) noexcept {
  if ((y0 <= y) == (y1 <= y)) return 0;
  const double side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0);
  if (y1 > y0) return side > 0 ? 1 : 0;
  return side < 0 ? -1 : 0;
}

}  // namespace

bool winds_around(std::span<const QPointF> polygon, double x, double y) noexcept {
  int winding = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const QPointF a = polygon[i], b = polygon[(i + 1) % polygon.size()];
    winding += crossing(a.x(), a.y(), b.x(), b.y(), x, y);
  }
  return winding != 0;
}

PolygonMask::PolygonMask(const QPolygonF& polygon)
    : bounds_(polygon.boundingRect()),
      squares_(static_cast<std::size_t>(kSide) * kSide, Square::kOutside),
      edgesOfRow_(static_cast<std::size_t>(kSide)) {
  if (polygon.size() < 3 || bounds_.width() <= 0 || bounds_.height() <= 0) {
    bounds_ = {};
    return;
  }
  perX_ = kSide / bounds_.width();
  perY_ = kSide / bounds_.height();
  for (qsizetype i = 0; i < polygon.size(); ++i) {
    const QPointF a = polygon[i], b = polygon[(i + 1) % polygon.size()];
    markOutline({a.x(), a.y(), b.x(), b.y()});
  }
  for (int row = 0; row < kSide; ++row) fillRow(row);
}

void PolygonMask::markOutline(const Edge& edge) {
  // a hair is added on each side: a point on the border of two squares may be counted into either by rounding
  constexpr double kHair = 1e-6;
  const auto index = [](double at) { return std::clamp(static_cast<int>(std::floor(at)), 0, kSide - 1); };
  double x0 = (edge.x0 - bounds_.left()) * perX_, y0 = (edge.y0 - bounds_.top()) * perY_;
  double x1 = (edge.x1 - bounds_.left()) * perX_, y1 = (edge.y1 - bounds_.top()) * perY_;
  if (y0 > y1) {
    std::swap(x0, x1);
    std::swap(y0, y1);
  }
  const int first = index(y0 - kHair), last = index(y1 + kHair);
  for (int row = first; row <= last; ++row) {
    edgesOfRow_[static_cast<std::size_t>(row)].push_back(edge);
    const double low = std::clamp<double>(row - kHair, y0, y1), high = std::clamp<double>(row + 1 + kHair, y0, y1);
    const double slope = y1 > y0 ? (x1 - x0) / (y1 - y0) : 0.0;
    const double a = y1 > y0 ? x0 + (low - y0) * slope : x0, b = y1 > y0 ? x0 + (high - y0) * slope : x1;
    const int from = index(std::min(a, b) - kHair), to = index(std::max(a, b) + kHair);
    auto* squares = squares_.data() + static_cast<std::ptrdiff_t>(row) * kSide;
    std::fill(squares + from, squares + to + 1, Square::kOutline);
  }
}

void PolygonMask::fillRow(int row) {
  const double y = bounds_.top() + (row + 0.5) / perY_;
  struct Cross {
    double x;
    int turn;
  };
  std::vector<Cross> crosses;
  for (const Edge& edge : edgesOfRow_[static_cast<std::size_t>(row)]) {
    if ((edge.y0 <= y) == (edge.y1 <= y)) continue;
    const double x = edge.x0 + (y - edge.y0) / (edge.y1 - edge.y0) * (edge.x1 - edge.x0);
    crosses.push_back({(x - bounds_.left()) * perX_, edge.y1 > edge.y0 ? 1 : -1});
  }
  std::sort(crosses.begin(), crosses.end(), [](const Cross& a, const Cross& b) { return a.x > b.x; });
  int winding = 0;
  for (const Cross& cross : crosses) winding += cross.turn;
  for (int column = 0; column < kSide; ++column) {
    while (!crosses.empty() && crosses.back().x <= column + 0.5) {
      winding -= crosses.back().turn;
      crosses.pop_back();
    }
    Square& square = squares_[static_cast<std::size_t>(row) * kSide + static_cast<std::size_t>(column)];
    if (square != Square::kOutline && winding != 0) square = Square::kInside;
  }
}

bool PolygonMask::contains(double x, double y) const noexcept {
  // false for NaN as well
  if (!(x >= bounds_.left() && x <= bounds_.right() && y >= bounds_.top() && y <= bounds_.bottom())) return false;
  if (perX_ == 0.0) return false;
  const int column = std::min(kSide - 1, static_cast<int>((x - bounds_.left()) * perX_));
  const int row = std::min(kSide - 1, static_cast<int>((y - bounds_.top()) * perY_));
  switch (squares_[static_cast<std::size_t>(row) * kSide + static_cast<std::size_t>(column)]) {
    case Square::kOutside:
      return false;
    case Square::kInside:
      return true;
    case Square::kOutline:
      break;
  }
  int winding = 0;
  for (const Edge& edge : edgesOfRow_[static_cast<std::size_t>(row)]) {
    winding += crossing(edge.x0, edge.y0, edge.x1, edge.y1, x, y);
  }
  return winding != 0;
}

std::vector<std::uint8_t> cells_in_polygon(std::span<const float> points, std::int64_t dimensions,
                                           const QPolygonF& polygon, std::span<const std::uint8_t> eligible,
                                           int numThreads) {
  const auto step = static_cast<std::size_t>(dimensions);
  std::vector<std::uint8_t> inside(points.size() / step, 0);
  const PolygonMask mask(polygon);
  parallel_for(0, static_cast<std::int64_t>(inside.size()), kGrain, numThreads,
               [&](std::int64_t from, std::int64_t to, int) {
                 for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
                   if (!eligible.empty() && eligible[i] == 0) continue;
                   inside[i] = mask.contains(points[i * step], points[i * step + 1]) ? 1 : 0;
                 }
               });
  return inside;
}

std::vector<std::uint8_t> combine(std::span<const std::uint8_t> before, std::vector<std::uint8_t> found,
                                  SelectMode mode) {
  if (mode == SelectMode::kReplace || (before.empty() && mode != SelectMode::kRemove)) return found;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool was = before.empty() || before[i] != 0;
    switch (mode) {
      case SelectMode::kAdd:
        found[i] = was || found[i] ? 1 : 0;
        break;
      case SelectMode::kRemove:
        found[i] = was && !found[i] ? 1 : 0;
        break;
      case SelectMode::kIntersect:
        found[i] = was && found[i] ? 1 : 0;
        break;
      case SelectMode::kReplace:
        break;
    }
  }
  return found;
}

}  // namespace cw::ui
