// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/scatter_figure.h"

#include "ui/embedding/scatter_canvas.h"
#include "ui/embedding/scatter_paint.h"
#include "ui/figures/dense_layer.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kPointsPerInch = 72;
constexpr double kSmallest = 5;  // points
const QColor kInk(0x17, 0x20, 0x2B);
const QColor kQuietInk(0x54, 0x60, 0x6E);
const QColor kQuietDot(0x87, 0x93, 0xA1);

struct Legend {
  double width = 0;
  double row = 0;
};

Legend legend_size(const FigureTile& tile, double points) {
  const QFontMetricsF metrics(figure_font(points));
  Legend legend;
  legend.row = metrics.height() * 1.25;
  if (!tile.scene.field()->categorical) {
    legend.width = tile.scene.field()->values.empty() ? 0 : metrics.horizontalAdvance(QStringLiteral("−0.0001")) + 14;
    return legend;
  }
  for (const LegendEntry& entry : tile.legend) {
    if (!entry.hidden) legend.width = std::max(legend.width, metrics.horizontalAdvance(entry.name) + points * 1.6);
  }
  return legend;
}

void paint_vector_dots(QPainter& painter, const SplatPoints& points, const SplatStyle& style, const ViewTransform& view,
                       QPointF origin, const QRectF& frame) {
  painter.setPen(Qt::NoPen);
  for (int layer = 1; layer <= 2; ++layer) {
    for (std::size_t i = 0; i < points.x.size(); ++i) {
      if (points.layer[i] != layer) continue;
      const QPointF at = origin + view.toScreen({static_cast<double>(points.x[i]), static_cast<double>(points.y[i])});
      if (!frame.contains(at)) continue;
      painter.setBrush(QColor(layer == 1 ? style.quiet : style.palette[points.color[i]]));
      painter.drawEllipse(at, style.radius, style.radius);
    }
  }
}

void paint_raster_dots(QPainter& painter, const SplatPoints& points, SplatStyle style, const ViewTransform& view,
                       const QRectF& frame) {
  const double ratio = kLayerDpi / kPointsPerInch;
  const QSize pixels(static_cast<int>(frame.width() * ratio), static_cast<int>(frame.height() * ratio));
  style.radius *= ratio;
  SplatRenderer renderer;
  const SplatView splat{view.scale * ratio, (view.size.width() / 2 - view.center.x() * view.scale) * ratio,
                        (view.size.height() / 2 + view.center.y() * view.scale) * ratio};
  painter.drawImage(frame, renderer.render(points, splat, pixels, style));
}

void paint_legend(QPainter& painter, const FigureTile& tile, const QRectF& area, double points) {
  const QFont font = figure_font(points);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  const double row = metrics.height() * 1.25;
  double y = area.top();
  for (const LegendEntry& entry : tile.legend) {
    if (entry.hidden) continue;
    if (y + row > area.bottom()) break;
    painter.setPen(Qt::NoPen);
    painter.setBrush(entry.color);
    painter.drawEllipse(QPointF(area.left() + points * 0.45, y + row / 2), points * 0.36, points * 0.36);
    painter.setPen(kInk);
    const double baseline = y + (row - metrics.height()) / 2 + metrics.ascent();
    painter.drawText(QPointF(area.left() + points * 1.4, baseline), entry.name);
    y += row;
  }
}

void paint_scale(QPainter& painter, const FieldLook& look, const QRectF& area, double points) {
  const QList<QRgb>& colors = color_scale(look.scale);
  const double height = std::min(area.height() * 0.6, 90.0);
  const QRectF bar(area.left(), area.top() + points, 7, height);
  constexpr int kSteps = 64;
  for (int i = 0; i < kSteps; ++i) {
    const double y = bar.bottom() - (i + 1) * height / kSteps;
    painter.fillRect(QRectF(bar.left(), y, bar.width(), height / kSteps + 0.2), QColor(colors[i * 255 / (kSteps - 1)]));
  }
  painter.setFont(figure_font(points));
  const QFontMetricsF metrics(painter.font());
  painter.setPen(kInk);
  for (int i = 0; i <= 2; ++i) {
    const double y = bar.bottom() - i * height / 2;
    painter.drawText(QPointF(bar.right() + 4, y + metrics.ascent() / 2 - 1),
                     number_text(look.low + (look.high - look.low) * i / 2));
  }
}

void paint_tile(QPainter& painter, const FigureTile& tile, const QRectF& area, const FigureSize& size) {
  const ScatterScene& scene = tile.scene;
  const double small = std::max(kSmallest, size.fontPoints - 1);
  const QFont titleFont = figure_font(size.fontPoints, QFont::DemiBold);
  const QFontMetricsF metrics(titleFont);
  painter.setFont(titleFont);
  painter.setPen(kInk);
  painter.drawText(QPointF(area.left(), area.top() + metrics.ascent()), tile.title);
  const Legend legend = legend_size(tile, small);
  QRectF frame = area.adjusted(0, metrics.height() + 3, 0, 0);
  const double side = std::min(legend.width, frame.width() * 0.45);
  frame.setRight(frame.right() - (side > 0 ? side + 6 : 0));

  // the same part of the map as on screen, without what the legend covers there
  const ViewTransform& shown = tile.view;
  ViewTransform view = shown;
  view.size = frame.size();
  view.scale = shown.scale * std::min(frame.width() / std::max(1.0, shown.size.width()),
                                      frame.height() / std::max(1.0, shown.size.height()));
  if (tile.fitted) view.fit(tile.bounds, {6, 6, 6, 6});

  SplatStyle style = scene.style(Qt::white, quiet_color(kQuietDot, Qt::white));
  style.radius = dot_radius(scene.numShown(), std::sqrt(frame.width() * frame.height())) * 0.9;
  painter.save();
  painter.setClipRect(frame);
  if (scene.numShown() <= kMostVectorMarks) {
    paint_vector_dots(painter, tile.points, style, view, frame.topLeft(), frame);
  } else {
    paint_raster_dots(painter, tile.points, style, view, frame);
  }
  painter.restore();
  if (tile.labels && scene.field()->categorical) {
    painter.save();
    painter.translate(frame.topLeft());
    const auto name = [&tile](int category) {
      for (const LegendEntry& entry : tile.legend) {
        if (entry.category == category) return entry.name;
      }
      return QString();
    };
    paint_labels(painter, view, tile.marks, scene.look(), name, figure_font(small, QFont::DemiBold), kInk, Qt::white,
                 QRectF(QPointF(), frame.size()));
    painter.restore();
  }
  const QRectF beside(frame.right() + 6, frame.top(), side, frame.height());
  if (scene.field()->categorical) {
    paint_legend(painter, tile, beside, small);
  } else if (!scene.field()->values.empty()) {
    paint_scale(painter, scene.look(), beside, small);
  }
}

}  // namespace

void paint_scatter_figure(QPainter& painter, const FigureSize& size, const QList<FigureTile>& tiles) {
  if (tiles.isEmpty()) return;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRectF(0, 0, size.widthPoints, size.heightPoints), Qt::white);
  constexpr double kMargin = 6, kGap = 10;
  const int columns = tiles.size() > 1 ? 2 : 1;
  const int rows = static_cast<int>((tiles.size() + columns - 1) / columns);
  const double noteHeight = std::max(kSmallest, size.fontPoints - 2) * 1.6;
  const double width = (size.widthPoints - 2 * kMargin - (columns - 1) * kGap) / columns;
  const double height = (size.heightPoints - 2 * kMargin - noteHeight - (rows - 1) * kGap) / rows;
  for (int i = 0; i < tiles.size(); ++i) {
    const QRectF area(kMargin + (i % columns) * (width + kGap),
                      kMargin + static_cast<int>(i / columns) * (height + kGap), width, height);
    paint_tile(painter, tiles[i], area, size);
  }
  const CellMapPtr& map = tiles.first().scene.map();
  painter.setFont(figure_font(std::max(kSmallest, size.fontPoints - 2)));
  painter.setPen(kQuietInk);
  const QFontMetricsF metrics(painter.font());
  const QString note = ScatterCanvas::tr("%1 cells · %2").arg(count_text(tiles.first().scene.numShown()), map->note);
  painter.drawText(QPointF(kMargin, size.heightPoints - kMargin),
                   metrics.elidedText(note, Qt::ElideRight, size.widthPoints - 2 * kMargin));
  painter.restore();
}

Table scatter_table(const std::vector<std::string>& names, const CellMap& map, const QList<ColorFieldPtr>& fields) {
  Table table;
  table.index_name = "cell";
  table.index = names;
  static constexpr const char* kAxes[] = {"x", "y", "z"};
  for (std::int64_t d = 0; d < std::min<std::int64_t>(map.dimensions, 3); ++d) {
    std::vector<double> values(names.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] =
          static_cast<double>(map.points[i * static_cast<std::size_t>(map.dimensions) + static_cast<std::size_t>(d)]);
    }
    table.columns.push_back(Column::of_reals(kAxes[d], std::move(values)));
  }
  for (const ColorFieldPtr& field : fields) {
    if (!field || field->num_cells() != names.size()) continue;
    if (field->categorical) {
      std::vector<std::string> categories;
      for (const QString& category : field->categories) categories.push_back(category.toStdString());
      table.set(Column::of_codes(field->title.toStdString(), field->codes, std::move(categories)));
    } else if (!field->values.empty()) {
      table.set(Column::of_reals(field->title.toStdString(),
                                 std::vector<double>(field->values.begin(), field->values.end())));
    }
  }
  return table;
}

}  // namespace cw::ui
