// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/embedding/category_legend.h"
#include "ui/embedding/map_marks.h"
#include "ui/embedding/scatter_scene.h"
#include "ui/embedding/view_transform.h"

namespace cw::ui {

/// One tile of an exported figure, as it was when the figure was asked for: drawing needs no widget.
struct FigureTile {
  ScatterScene scene;
  SplatPoints points;  ///< in the order of painting
  ViewTransform view;  ///< of the canvas
  QRectF bounds;       ///< of the map
  bool fitted = true;  ///< all of the map is shown, whatever the size
  QString title;
  QList<LegendEntry> legend;
  std::vector<GroupMark> marks;  ///< in the coordinates of the view
  bool labels = true;
};

/// Draws one to four maps without axes on white: title, dots, names of groups, legend. Up to 20,000 dots are vectors;
/// more become a picture of 600 dpi inside the vector frame. Selected cells stand out as on screen.
void paint_scatter_figure(QPainter& painter, const FigureSize& size, const QList<FigureTile>& tiles);

/// Name, coordinates and what each tile is coloured by, one row per cell.
[[nodiscard]] Table scatter_table(const std::vector<std::string>& names, const CellMap& map,
                                  const QList<ColorFieldPtr>& fields);

}  // namespace cw::ui
