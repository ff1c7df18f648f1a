// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QRectF>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cw::ui {

/// Finds the cell nearest to a place on a map: cells sorted into squares. Built once per map (50 ms for 1,000,000).
class PointGrid {
 public:
  PointGrid() = default;
  /// `points`: [cells, dimensions] row-major; cells with NaN are left out.
  PointGrid(std::span<const float> points, std::int64_t dimensions);
  /// Row of the nearest cell within `radius` that `accept` takes; -1 where there is none. `points` as given before.
  [[nodiscard]] std::int64_t nearest(std::span<const float> points, QPointF at, double radius,
                                     const std::function<bool(std::int64_t)>& accept) const;
  /// Typical distance between neighbours in map units: the root of the area that cells lie in, per cell.
  [[nodiscard]] double spacing() const noexcept { return spacing_; }
  /// Of all cells with coordinates.
  [[nodiscard]] const QRectF& bounds() const noexcept { return bounds_; }

 private:
  [[nodiscard]] int columnOf(double x) const noexcept;
  [[nodiscard]] int rowOf(double y) const noexcept;

  QRectF bounds_;
  std::int64_t dimensions_ = 2;
  int side_ = 0;
  double spacing_ = 0.0;
  std::vector<std::uint32_t> starts_;  // [side * side + 1]
  std::vector<std::uint32_t> cells_;
};

/// The smallest rectangle around all cells with coordinates; empty where none has any.
[[nodiscard]] QRectF bounds_of(std::span<const float> points, std::int64_t dimensions);

}  // namespace cw::ui
