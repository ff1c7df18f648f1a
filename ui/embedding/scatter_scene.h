// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/selection_hub.h"
#include "ui/document/dataset.h"
#include "ui/embedding/color_field.h"
#include "ui/embedding/splat_renderer.h"

#include <QColor>
#include <QRectF>

namespace cw::ui {

/// How a field's values become colours.
struct FieldLook {
  QList<QColor> categoryColors;  ///< one per category
  std::vector<bool> hidden;      ///< one per category
  bool missingHidden = false;
  QColor missing;  ///< cells without a value, and all cells where nothing is coloured by
  QString scale = QStringLiteral("viridis");
  double low = 0.0, high = 1.0;
};

/// The cells of one tile: where they are, in which colour and order, and which of them are shown. Knows nothing of
/// widgets; the canvas, the exported figure and the tests paint the same scene.
class ScatterScene {
 public:
  /// Moves the cells to another map; with `animated` they start where they are and `setProgress` moves them.
  void setMap(CellMapPtr map, bool animated);
  /// Where cells are between two maps, in [0, 1].
  void setProgress(double progress);
  void setField(ColorFieldPtr field, FieldLook look);
  void setLook(FieldLook look);
  void setSelection(CellSelectionPtr selection);

  [[nodiscard]] const CellMapPtr& map() const noexcept { return map_; }
  [[nodiscard]] const ColorFieldPtr& field() const noexcept { return field_; }
  [[nodiscard]] const FieldLook& look() const noexcept { return look_; }
  [[nodiscard]] bool isReady() const noexcept { return map_ && field_; }
  /// Cells that are on the map and not hidden, one byte each.
  [[nodiscard]] const std::vector<std::uint8_t>& shown() const noexcept { return shown_; }
  [[nodiscard]] std::int64_t numShown() const noexcept { return numShown_; }
  [[nodiscard]] bool isShown(std::int64_t cell) const { return shown_[static_cast<std::size_t>(cell)] != 0; }
  [[nodiscard]] bool isSelected(std::int64_t cell) const {
    return !selection_ || selection_->mask[static_cast<std::size_t>(cell)] != 0;
  }
  [[nodiscard]] QPointF at(std::int64_t cell) const;
  [[nodiscard]] QColor colorOf(std::int64_t cell) const;
  [[nodiscard]] bool hasSelection() const noexcept { return selection_ != nullptr; }

  /// For the renderer; `style` without radius.
  [[nodiscard]] const SplatPoints& points() const noexcept { return points_; }
  /// The same for a picture of a map in space: farthest cell first. `nearness` per cell.
  [[nodiscard]] SplatPoints farthestFirst(const std::vector<float>& nearness) const;
  [[nodiscard]] SplatStyle style(const QColor& ground, const QColor& quiet) const;

 private:
  void placePoints();
  void colorPoints();
  void layerPoints();
  [[nodiscard]] std::uint16_t colorIndex(std::size_t cell) const;

  CellMapPtr map_;
  std::vector<float> fromX_, fromY_;  // in drawing order; empty = at rest
  ColorFieldPtr field_;
  FieldLook look_;
  CellSelectionPtr selection_;
  std::vector<std::uint8_t> shown_;
  std::int64_t numShown_ = 0;
  SplatPoints points_;
};

}  // namespace cw::ui
