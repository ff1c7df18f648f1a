// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/map_shift_view.h"

#include "ui/results/label_placement.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace cw::ui {
namespace {

constexpr std::size_t kMostPoints = 12'000;

struct Bounds {
  double left = std::numeric_limits<double>::infinity();
  double right = -left;
  double low = left;
  double high = -left;
};

Bounds bounds_of(const CellMap& map) {
  Bounds b;
  const auto width = static_cast<std::size_t>(map.dimensions);
  for (std::size_t i = 0; i + 1 < map.points.size(); i += width) {
    const double x = map.points[i];
    const double y = map.points[i + 1];
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    b = {std::min(b.left, x), std::max(b.right, x), std::min(b.low, y), std::max(b.high, y)};
  }
  return b;
}

}  // namespace

MapShift map_shift_of(const Json& answer, const Dataset& dataset, const CellMapPtr& map,
                      std::vector<std::uint8_t> start) {
  MapShift shift;
  shift.map = map;
  shift.start = std::move(start);
  shift.reference = answer.value("reference", std::int64_t{0});
  shift.neighbours = answer.value("neighbours", std::int64_t{0});
  std::unordered_map<std::string_view, std::size_t> row_of;
  for (std::size_t i = 0; i < dataset.cells.index.size(); ++i) row_of.emplace(dataset.cells.index[i], i);
  const auto width = static_cast<std::size_t>(map->dimensions);
  const auto place = [&](const Json& weights) {
    double total = 0.0;
    QPointF sum;
    for (const auto& [name, weight] : weights.items()) {
      const auto found = row_of.find(name);
      if (found == row_of.end() || found->second * width + 1 >= map->points.size()) continue;
      const QPointF at(map->points[found->second * width], map->points[found->second * width + 1]);
      if (!std::isfinite(at.x()) || !std::isfinite(at.y())) continue;
      sum += at * weight.get<double>();
      total += weight.get<double>();
    }
    return total > 0 ? sum / total : QPointF(std::nan(""), std::nan(""));
  };
  for (const Json& one : answer.value("perturbations", Json::array())) {
    MapShift::Arrow arrow;
    QStringList genes;
    for (const Json& gene : one["genes"]) genes << QString::fromStdString(gene.get<std::string>());
    arrow.label = genes.join(QLatin1Char('+'));
    arrow.from = place(one["from"]);
    arrow.to = place(one["to"]);
    arrow.cells = one.value("n_cells", std::int64_t{0});
    if (std::isfinite(arrow.from.x()) && std::isfinite(arrow.to.x())) shift.arrows << arrow;
  }
  return shift;
}

MapShiftView::MapShiftView(const Theme& theme, QWidget* parent)
    : ChartWidget(QStringLiteral("mapShiftView"), tr("Changed cells in the map"), theme, parent) {}

void MapShiftView::setShift(MapShift shift) {
  plot_.shift = std::move(shift);
  plot_.note.clear();
  setAccessibleDescription(tr("%n arrow(s)", nullptr, static_cast<int>(plot_.shift.arrows.size())));
  update();
}

void MapShiftView::setNote(const QString& note) {
  plot_.note = note;
  plot_.shift = {};
  update();
}

void MapShiftPlot::paint(QPainter& painter, const QRectF& area, const PlotInk& ink) const {
  painter.setFont(ink.text);
  painter.setPen(ink.ink2);
  if (isEmpty()) {
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, note);
    return;
  }
  painter.setFont(ink.small);
  const double line = painter.fontMetrics().height();
  const QRectF plot = area.adjusted(0, 0, 0, -3.2 * line);
  const Bounds b = bounds_of(*shift.map);
  const double scale =
      std::min(plot.width() / std::max(1e-9, b.right - b.left), plot.height() / std::max(1e-9, b.high - b.low));
  const QPointF middle((b.left + b.right) / 2, (b.low + b.high) / 2);
  const auto at = [&](const QPointF& point) {
    return QPointF(plot.center().x() + (point.x() - middle.x()) * scale,
                   plot.center().y() - (point.y() - middle.y()) * scale);
  };
  const auto width = static_cast<std::size_t>(shift.map->dimensions);
  const std::size_t cells = shift.map->points.size() / width;
  const std::size_t step = std::max<std::size_t>(1, cells / kMostPoints);
  QColor grey = ink.ink3;
  grey.setAlphaF(0.35F);
  QColor start = ink.start;
  start.setAlphaF(0.45F);
  painter.setPen(Qt::NoPen);
  for (std::size_t i = 0; i < cells; i += step) {
    const QPointF point(shift.map->points[i * width], shift.map->points[i * width + 1]);
    if (!std::isfinite(point.x()) || !std::isfinite(point.y())) continue;
    painter.setBrush(i < shift.start.size() && shift.start[i] != 0 ? start : grey);
    painter.drawEllipse(at(point), ink.dot * 0.55, ink.dot * 0.55);
  }
  painter.setFont(ink.text);
  QList<LabelWish> wishes;
  double longest = 0.0;
  for (const MapShift::Arrow& arrow : shift.arrows) {
    const QPointF from = at(arrow.from);
    const QPointF to = at(arrow.to);
    const QPointF along = to - from;
    const double length = std::hypot(along.x(), along.y());
    longest = std::max(longest, length);
    painter.setPen(QPen(ink.ink, ink.dot * 0.8));
    painter.setBrush(Qt::NoBrush);
    painter.drawLine(from, to);
    if (length > 4) {
      const QPointF unit = along / length;
      const QPointF side(-unit.y(), unit.x());
      QPainterPath head(to);
      head.lineTo(to - unit * ink.dot * 3 + side * ink.dot * 1.6);
      head.lineTo(to - unit * ink.dot * 3 - side * ink.dot * 1.6);
      head.closeSubpath();
      painter.fillPath(head, ink.ink);
    } else {
      painter.setPen(Qt::NoPen);
      painter.setBrush(ink.ink);
      painter.drawEllipse(from, ink.dot, ink.dot);
    }
    wishes << LabelWish{
        to, QSizeF(painter.fontMetrics().horizontalAdvance(arrow.label) + 2, painter.fontMetrics().height()), 4.0};
  }
  const QList<QRectF> places = place_labels(wishes, plot);
  for (qsizetype i = 0; i < places.size(); ++i) {
    if (places[i].isEmpty()) continue;
    QColor halo = ink.ground;
    halo.setAlphaF(0.75F);
    painter.fillRect(places[i], halo);
    painter.setPen(ink.ink);
    painter.drawText(places[i], Qt::AlignCenter, shift.arrows[i].label);
  }
  painter.setFont(ink.small);
  painter.setPen(ink.ink2);
  std::int64_t most = 0;
  for (const MapShift::Arrow& arrow : shift.arrows) most = std::max(most, arrow.cells);
  QString text = MapShiftView::tr(
                     "Arrow: mean place of up to %1 cells before and after, each placed by its %2 nearest of %3 cells; "
                     "%4 stays as it is. Distances in a map are not to scale; “How far” measures.")
                     .arg(count_text(most), count_text(shift.neighbours), count_text(shift.reference), shift.map->name);
  if (longest < 4 && !shift.arrows.isEmpty()) text = MapShiftView::tr("No arrow is longer than a dot. ") + text;
  painter.drawText(QRectF(area.left(), plot.bottom() + 2, area.width(), 3 * line), Qt::TextWordWrap, text);
}

void MapShiftView::paintChart(QPainter& painter, const QRectF& area, const PlotInk& ink) {
  plot_.paint(painter, area, ink);
}

}  // namespace cw::ui
