// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/scatter_scene.h"

#include "core/base/parallel.h"
#include "ui/theme/palettes.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace cw::ui {
namespace {

constexpr std::int64_t kGrain = 1 << 15;

// Scenes live on the window's thread; no two states of any of them share a number.
std::uint64_t next_revision() {
  static std::uint64_t last = 0;
  return ++last;
}

// every cell of a large data set is touched: spread over the processors
template <class Work>
void for_cells(std::size_t count, const Work& work) {
  parallel_for(0, static_cast<std::int64_t>(count), kGrain, 0, [&work](std::int64_t from, std::int64_t to, int) {
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) work(i);
  });
}

}  // namespace

void ScatterScene::setMap(CellMapPtr map, bool animated) {
  const bool sameCells = map_ && map &&
                         map_->points.size() / static_cast<std::size_t>(map_->dimensions) ==
                             map->points.size() / static_cast<std::size_t>(map->dimensions);
  if (animated && sameCells && isReady()) {
    fromX_ = points_.x;
    fromY_ = points_.y;
  } else {
    fromX_.clear();
    fromY_.clear();
  }
  map_ = std::move(map);
  if (field_ && map_ && field_->num_cells() * static_cast<std::size_t>(map_->dimensions) != map_->points.size()) {
    field_.reset();  // of the data set before
    selection_.reset();
  }
  placePoints();
  layerPoints();
  if (!fromX_.empty()) setProgress(0.0);
}

void ScatterScene::setProgress(double progress) {
  if (fromX_.empty() || !isReady()) return;
  placePoints();
  if (progress >= 1.0) {
    fromX_.clear();
    fromY_.clear();
    return;
  }
  const auto share = static_cast<float>(1.0 - std::pow(1.0 - progress, 3.0));  // ease out
  for_cells(points_.x.size(), [&](std::size_t i) {
    if (!std::isfinite(fromX_[i]) || !std::isfinite(fromY_[i])) return;
    points_.x[i] = fromX_[i] + (points_.x[i] - fromX_[i]) * share;
    points_.y[i] = fromY_[i] + (points_.y[i] - fromY_[i]) * share;
  });
}

void ScatterScene::setField(ColorFieldPtr field, FieldLook look) {
  if (field && map_ && field->num_cells() * static_cast<std::size_t>(map_->dimensions) != map_->points.size()) return;
  field_ = std::move(field);
  look_ = std::move(look);
  fromX_.clear();  // another drawing order: what moves has arrived
  fromY_.clear();
  if (selection_ && field_ && selection_->mask.size() != field_->num_cells()) selection_.reset();
  placePoints();
  colorPoints();
  layerPoints();
}

void ScatterScene::setLook(FieldLook look) {
  look_ = std::move(look);
  colorPoints();
  layerPoints();
}

void ScatterScene::setSelection(CellSelectionPtr selection) {
  if (selection && field_ && selection->mask.size() != field_->num_cells()) selection.reset();
  selection_ = std::move(selection);
  layerPoints();
}

QPointF ScatterScene::at(std::int64_t cell) const {
  const auto i = static_cast<std::size_t>(cell * map_->dimensions);
  return {static_cast<double>(map_->points[i]), static_cast<double>(map_->points[i + 1])};
}

std::uint16_t ScatterScene::colorIndex(std::size_t cell) const {
  // palette: the missing colour, then the categories or the 256 colours of the scale
  if (field_->categorical) return static_cast<std::uint16_t>(field_->codes[cell] + 1);
  if (field_->values.empty()) return 0;
  const auto value = static_cast<double>(field_->values[cell]);
  if (!std::isfinite(value) || (field_->zeroIsNone && value == 0.0)) return 0;
  const double share = look_.high > look_.low ? (value - look_.low) / (look_.high - look_.low) : 0.5;
  return static_cast<std::uint16_t>(1 + std::lround(std::clamp(share, 0.0, 1.0) * 255.0));
}

QColor ScatterScene::colorOf(std::int64_t cell) const {
  const std::uint16_t index = colorIndex(static_cast<std::size_t>(cell));
  if (index == 0) return look_.missing;
  return field_->categorical ? look_.categoryColors[index - 1] : QColor(color_scale(look_.scale)[index - 1]);
}

SplatStyle ScatterScene::style(const QColor& ground, const QColor& quiet) const {
  SplatStyle style;
  style.ground = ground.rgb();
  style.quiet = quiet.rgb();
  style.palette.push_back(look_.missing.rgb());
  if (field_ && field_->categorical) {
    for (const QColor& color : look_.categoryColors) style.palette.push_back(color.rgb());
  } else {
    for (const QRgb color : color_scale(look_.scale)) style.palette.push_back(color);
  }
  return style;
}

SplatPoints ScatterScene::farthestFirst(const std::vector<float>& nearness) const {
  std::vector<std::uint32_t> places;
  for (std::uint32_t i = 0; i < points_.layer.size(); ++i) {
    if (points_.layer[i] != 0) places.push_back(i);  // all others may be nowhere
  }
  std::stable_sort(places.begin(), places.end(), [&](std::uint32_t a, std::uint32_t b) {
    return nearness[field_->order[a]] < nearness[field_->order[b]];
  });
  SplatPoints sorted;
  for (const std::uint32_t i : places) {
    sorted.x.push_back(points_.x[i]);
    sorted.y.push_back(points_.y[i]);
    sorted.color.push_back(points_.color[i]);
    sorted.layer.push_back(points_.layer[i]);
  }
  return sorted;
}

void ScatterScene::placePoints() {
  if (!isReady()) return;
  points_.revision = next_revision();
  points_.x.resize(field_->num_cells());
  points_.y.resize(field_->num_cells());
  const auto step = static_cast<std::size_t>(map_->dimensions);
  const float* source = map_->points.data();
  const std::uint32_t* order = field_->order.data();
  for_cells(points_.x.size(), [&](std::size_t i) {
    points_.x[i] = source[order[i] * step];
    points_.y[i] = source[order[i] * step + 1];
  });
}

void ScatterScene::colorPoints() {
  if (!isReady()) return;
  points_.revision = next_revision();
  points_.color.resize(field_->num_cells());
  for_cells(points_.color.size(), [&](std::size_t i) { points_.color[i] = colorIndex(field_->order[i]); });
}

void ScatterScene::layerPoints() {
  if (!isReady()) return;
  points_.revision = next_revision();
  if (points_.color.size() != field_->num_cells()) colorPoints();
  points_.layer.resize(field_->num_cells());
  shown_.resize(field_->num_cells());
  const auto step = static_cast<std::size_t>(map_->dimensions);
  const bool anyHidden =
      look_.missingHidden || std::find(look_.hidden.begin(), look_.hidden.end(), true) != look_.hidden.end();
  std::atomic<std::int64_t> count{0};
  parallel_for(0, static_cast<std::int64_t>(shown_.size()), kGrain, 0, [&](std::int64_t from, std::int64_t to, int) {
    std::int64_t here = 0;
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      const std::uint32_t cell = field_->order[i];
      bool show = std::isfinite(map_->points[cell * step]) && std::isfinite(map_->points[cell * step + 1]);
      if (show && anyHidden) {
        const std::uint16_t color = points_.color[i];
        show = color == 0 ? !look_.missingHidden : !field_->categorical || !look_.hidden[color - 1U];
      }
      shown_[cell] = show ? 1 : 0;
      here += show;
      points_.layer[i] = !show ? 0 : selection_ && selection_->mask[cell] == 0 ? 1 : 2;
    }
    count += here;
  });
  numShown_ = count;
}

}  // namespace cw::ui
