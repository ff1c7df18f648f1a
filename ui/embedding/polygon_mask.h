// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPolygonF>
#include <cstdint>
#include <span>
#include <vector>

namespace cw::ui {

/// Whether a closed polygon goes around a point (non-zero winding: what a lasso encloses twice is inside too).
[[nodiscard]] bool winds_around(std::span<const QPointF> polygon, double x, double y) noexcept;

/// Answers "inside or not" for many points and one polygon: a grid over the polygon knows whole squares that are inside
/// or outside; only points in squares that the outline passes are tested exactly. Same answers as `winds_around`.
class PolygonMask {
 public:
  explicit PolygonMask(const QPolygonF& polygon);
  [[nodiscard]] bool contains(double x, double y) const noexcept;

 private:
  static constexpr int kSide = 512;
  enum class Square : std::uint8_t { kOutside, kInside, kOutline };
  struct Edge {
    double x0, y0, x1, y1;
  };
  void markOutline(const Edge& edge);
  void fillRow(int row);

  QRectF bounds_;
  double perX_ = 0.0, perY_ = 0.0;  // squares per map unit
  std::vector<Square> squares_;
  std::vector<std::vector<Edge>> edgesOfRow_;
};

/// One byte per cell, 1 = inside. `points`: [cells, dimensions] row-major, the first two are used; NaN = outside.
/// `eligible`: one byte per cell, 0 = never selected (hidden); empty = all. 1,000,000 cells take about 5 ms.
[[nodiscard]] std::vector<std::uint8_t> cells_in_polygon(std::span<const float> points, std::int64_t dimensions,
                                                         const QPolygonF& polygon,
                                                         std::span<const std::uint8_t> eligible, int numThreads = 0);

enum class SelectMode { kReplace, kAdd, kRemove, kIntersect };

/// `before` is empty where all cells were selected (nothing chosen yet): adding starts anew then, removing takes from
/// all.
[[nodiscard]] std::vector<std::uint8_t> combine(std::span<const std::uint8_t> before, std::vector<std::uint8_t> found,
                                                SelectMode mode);

}  // namespace cw::ui
