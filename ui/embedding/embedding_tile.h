// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/document/column_style.h"
#include "ui/embedding/color_field.h"
#include "ui/embedding/legend_card.h"
#include "ui/embedding/scatter_canvas.h"
#include "ui/embedding/tile_state.h"

class QLabel;
class QToolButton;

namespace cw::ui {

/// A map of the panel, shared by its tiles.
struct ShownMap {
  CellMapPtr map;
  QRectF bounds;
  std::shared_ptr<const PointGrid> grid;  ///< comes a moment later than the map
};

/// One tile: a canvas with its legend, and what the cells are coloured by. Changes of the user go through the undo
/// stack as a new TileState.
class EmbeddingTile : public QWidget {
  Q_OBJECT
 public:
  EmbeddingTile(Services& services, int number, QWidget* parent = nullptr);

  /// The columns of the data set; asked for before a map is set.
  void setUses(const QList<ColumnUse>& uses);
  [[nodiscard]] const QList<ColumnUse>& uses() const noexcept { return uses_; }
  void setMap(const ShownMap& map, bool animated);
  void setDensityView(DensityView view);
  void setInSpace(bool on);
  /// Several tiles: each says what it is coloured by, the chosen one is marked.
  void setTitleShown(bool shown);
  void setCurrent(bool current);

  [[nodiscard]] ScatterCanvas& canvas() noexcept { return *canvas_; }
  [[nodiscard]] const ScatterCanvas& canvas() const noexcept { return *canvas_; }
  [[nodiscard]] CategoryLegend& legend() noexcept { return *legend_; }
  [[nodiscard]] const std::vector<GroupMark>& marks() const noexcept { return marks_; }
  [[nodiscard]] const TileState& state() const noexcept { return state_; }
  /// True once the colours that `state` asks for are shown.
  [[nodiscard]] bool isSettled() const noexcept { return settled_; }
  void setState(const TileState& state);
  /// The same as a step that can be undone.
  void changeState(const TileState& state, const QString& text);
  void setColoring(const Coloring& coloring);
  /// Entries of the legend in their order; empty where numbers are shown.
  [[nodiscard]] QList<LegendEntry> legendEntries() const;
  /// "detected in 61 % of cells" or the like for the accessible summary.
  [[nodiscard]] QString summary() const;

 Q_SIGNALS:
  void coloringChanged();
  void pickRequested(QWidget* anchor);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void loadField();
  void loadQuality();
  void loadGenes(const QStringList& ids, const QString& title);
  void take(ColorFieldPtr field);
  void refreshLook();
  void refreshLegend();
  void placeLegend();
  void loadMarks();
  void loadDensity();
  [[nodiscard]] FieldLook lookOf(const ColorField& field) const;
  void onLegend(int category, LegendAction action);
  void toggle(int category, bool alone);
  void useGroup(const Group& group, LegendAction role);
  void selectCategory(int category);
  void recolour(int category);
  void changeStyle(const ColumnStyle& style, const QString& text);
  [[nodiscard]] QStringList hoverLines(std::int64_t cell) const;

  Services& services_;
  QList<ColumnUse> uses_;
  ShownMap map_;
  TileState state_;
  ColorFieldPtr field_;
  std::vector<GroupMark> marks_;
  DensityView densityView_ = DensityView::kNone;
  bool settled_ = false;
  int request_ = 0;  // of the field; answers to older ones are dropped
  Task fieldTask_;
  Task marksTask_;
  Task densityTask_;

  ScatterCanvas* canvas_;
  LegendCard* card_;
  CategoryLegend* legend_;
  ScaleLegend* scale_;
  QToolButton* title_;
  QLabel* waiting_;
};

}  // namespace cw::ui
