// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/map_marks.h"

#include "ui/embedding/point_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cw::ui {
namespace {

// Under the trace of a single cell at its farthest: rounding, not cells.
constexpr float kLeast = 1e-5F;

float median(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// three passes of a running mean are close to a Gaussian
void blur(std::vector<float>& values, int side, int reach, bool alongRows) {
  const auto at = [&](int line, int i) -> float& {
    return values[static_cast<std::size_t>(alongRows ? line * side + i : i * side + line)];
  };
  std::vector<float> out(static_cast<std::size_t>(side));
  for (int line = 0; line < side; ++line) {
    double sum = 0;  // of floats a rest would stay behind every peak
    for (int i = -reach; i < side; ++i) {
      if (i + reach < side) sum += static_cast<double>(at(line, i + reach));
      if (i - reach - 1 >= 0) sum -= static_cast<double>(at(line, i - reach - 1));
      if (i >= 0) out[static_cast<std::size_t>(i)] = static_cast<float>(sum / (2 * reach + 1));
    }
    for (int i = 0; i < side; ++i) at(line, i) = out[static_cast<std::size_t>(i)];
  }
}

}  // namespace

std::vector<GroupMark> group_marks(std::span<const float> points, std::int64_t dimensions, const ColorField& field,
                                   std::size_t axes) {
  const auto step = static_cast<std::size_t>(dimensions);
  std::vector<std::vector<std::uint32_t>> members(static_cast<std::size_t>(field.categories.size()));
  for (std::size_t cell = 0; cell < field.codes.size(); ++cell) {
    const bool known = std::isfinite(points[cell * step]) && std::isfinite(points[cell * step + 1]);
    if (field.codes[cell] >= 0 && known) {
      members[static_cast<std::size_t>(field.codes[cell])].push_back(static_cast<std::uint32_t>(cell));
    }
  }
  std::vector<GroupMark> marks;
  std::vector<float> values;
  for (std::size_t category = 0; category < members.size(); ++category) {
    const auto& cells = members[category];
    if (cells.empty()) continue;
    std::array<float, 3> middle{};
    for (std::size_t d = 0; d < axes; ++d) {
      values.clear();
      for (const std::uint32_t cell : cells) values.push_back(points[cell * step + d]);
      middle[d] = median(values);
    }
    const auto far = [&](std::uint32_t cell) {
      float squared = 0.0F;
      for (std::size_t d = 0; d < axes; ++d) {
        const float away = points[cell * step + d] - middle[d];
        squared += away * away;
      }
      return squared;
    };
    const std::uint32_t medoid = *std::min_element(cells.begin(), cells.end(),
                                                   [&](std::uint32_t a, std::uint32_t b) { return far(a) < far(b); });
    marks.push_back(
        {static_cast<int>(category),
         QPointF(static_cast<double>(points[medoid * step]), static_cast<double>(points[medoid * step + 1])),
         static_cast<std::int64_t>(cells.size()), medoid});
  }
  std::stable_sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  return marks;
}

std::vector<QRectF> place_boxes(std::span<const QPointF> anchors, std::span<const QSizeF> sizes, const QRectF& area) {
  // on the point itself first, then further up, down and aside
  static constexpr std::array<std::array<double, 2>, 11> kShifts{{{0, 0},
                                                                  {0, -1.05},
                                                                  {0, 1.05},
                                                                  {0.35, 0},
                                                                  {-0.35, 0},
                                                                  {0, -2.1},
                                                                  {0, 2.1},
                                                                  {0.6, -1.05},
                                                                  {-0.6, -1.05},
                                                                  {0.6, 1.05},
                                                                  {-0.6, 1.05}}};
  std::vector<QRectF> placed(anchors.size());
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (!area.contains(anchors[i])) continue;
    for (const auto& [dx, dy] : kShifts) {
      QRectF box(QPointF(), sizes[i]);
      box.moveCenter(anchors[i] + QPointF(dx * sizes[i].width(), dy * sizes[i].height()));
      if (!area.contains(box)) continue;
      const bool free = std::none_of(placed.begin(), placed.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&box](const QRectF& other) { return !other.isNull() && other.intersects(box); });
      if (!free) continue;
      placed[i] = box;
      break;
    }
  }
  return placed;
}

DensityField density_of(std::span<const float> points, std::int64_t dimensions, std::span<const std::uint8_t> shown) {
  constexpr int kSide = DensityField::kSide;
  DensityField density;
  density.values.assign(static_cast<std::size_t>(kSide) * kSide, 0.0F);
  const QRectF inner = bounds_of(points, dimensions);
  if (inner.isNull()) return density;
  const double margin = 0.08 * std::max(inner.width(), inner.height());
  density.bounds = inner.adjusted(-margin, -margin, margin, margin);
  const auto step = static_cast<std::size_t>(dimensions);
  const auto square = [&density](double x, double y) {
    const auto column = static_cast<int>((x - density.bounds.left()) / density.bounds.width() * kSide);
    const auto row = static_cast<int>((y - density.bounds.top()) / density.bounds.height() * kSide);
    return static_cast<std::size_t>(std::clamp(row, 0, kSide - 1) * kSide + std::clamp(column, 0, kSide - 1));
  };
  std::vector<std::size_t> squares;
  squares.reserve(shown.size());
  for (std::size_t cell = 0; cell < shown.size(); ++cell) {
    if (shown[cell] == 0) continue;
    squares.push_back(square(static_cast<double>(points[cell * step]), static_cast<double>(points[cell * step + 1])));
    ++density.values[squares.back()];
  }
  if (squares.empty()) return density;
  for (int pass = 0; pass < 3; ++pass) {
    blur(density.values, kSide, 2, true);
    blur(density.values, kSide, 2, false);
  }
  for (float& value : density.values) value = value < kLeast ? 0.0F : value;
  std::vector<float> at;
  at.reserve(squares.size());
  for (const std::size_t i : squares) at.push_back(density.values[i]);
  std::sort(at.begin(), at.end());
  for (const double outside : {0.1, 0.3, 0.5, 0.7, 0.9}) {
    density.levels.push_back(at[static_cast<std::size_t>(outside * static_cast<double>(at.size() - 1))]);
  }
  return density;
}

std::vector<QLineF> contour(const DensityField& density, float level) {
  constexpr int kSide = DensityField::kSide;
  std::vector<QLineF> lines;
  const auto value = [&density](int column, int row) {
    return density.values[static_cast<std::size_t>(row) * kSide + static_cast<std::size_t>(column)];
  };
  const auto place = [&density](double column, double row) {
    return QPointF(density.bounds.left() + (column + 0.5) / kSide * density.bounds.width(),
                   density.bounds.top() + (row + 0.5) / kSide * density.bounds.height());
  };
  for (int row = 0; row + 1 < kSide; ++row) {
    for (int column = 0; column + 1 < kSide; ++column) {
      const std::array<std::array<int, 2>, 4> corners{
          {{column, row}, {column + 1, row}, {column + 1, row + 1}, {column, row + 1}}};
      std::array<QPointF, 4> crossings;
      std::size_t count = 0;
      for (std::size_t side = 0; side < 4; ++side) {
        const auto& a = corners[side];
        const auto& b = corners[(side + 1) % 4];
        const float va = value(a[0], a[1]), vb = value(b[0], b[1]);
        if ((va >= level) == (vb >= level)) continue;
        const double t = static_cast<double>((level - va) / (vb - va));
        crossings[count++] = place(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t);
      }
      if (count >= 2) lines.emplace_back(crossings[0], crossings[1]);
      if (count == 4) lines.emplace_back(crossings[2], crossings[3]);
    }
  }
  return lines;
}

}  // namespace cw::ui
