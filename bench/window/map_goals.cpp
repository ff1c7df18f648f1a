// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/window/measures.h"
#include "ui/embedding/map_marks.h"
#include "ui/embedding/point_grid.h"
#include "ui/embedding/polygon_mask.h"
#include "ui/embedding/scatter_scene.h"

#include <QPolygonF>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <random>

namespace cw::ui {
namespace {

CellMapPtr clouds(std::size_t cells) {
  auto map = std::make_shared<CellMap>();
  std::mt19937 random(42);
  std::normal_distribution<float> normal;
  map->points.reserve(2 * cells);
  for (std::size_t i = 0; i < cells; ++i) {
    map->points.push_back(static_cast<float>(i % 5) * 3 + normal(random));
    map->points.push_back(static_cast<float>(i % 4) * 3 + normal(random));
  }
  return map;
}

ColorFieldPtr types(std::size_t cells) {
  std::vector<std::int32_t> codes(cells);
  for (std::size_t i = 0; i < cells; ++i) codes[i] = static_cast<std::int32_t>(i % 20);
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back("type " + std::to_string(i));
  return field_of_column(Column::of_codes("type", std::move(codes), std::move(names)), ColumnUse::Kind::kCategories);
}

FieldLook look_of(const ColorField& field) {
  FieldLook look;
  look.missing = Qt::gray;
  for (qsizetype i = 0; i < field.categories.size(); ++i) {
    look.categoryColors.append(QColor::fromHsv(static_cast<int>(i * 17), 200, 200));
    look.hidden.push_back(false);
  }
  look.low = static_cast<double>(field.low);
  look.high = static_cast<double>(field.high);
  return look;
}

struct FrameTimes {
  double most = 0.0;       // milliseconds, 95 % of sixty frames
  double processor = 0.0;  // milliseconds of all processors, mean of the frames: also says something on a busy machine
};

// While the map is dragged over the canvas, or zoomed into.
FrameTimes frame(const ScatterScene& scene, QSize pixels, SplatRenderer& renderer, bool zooms) {
  std::vector<double> times;
  SplatStyle style = scene.style(Qt::white, Qt::lightGray);
  style.radius = 1.0;
  const double scale = pixels.height() / 16.0;
  const std::clock_t before = std::clock();
  for (int i = 0; i < 60; ++i) {
    QElapsedTimer clock;
    clock.start();
    const double moved = zooms ? 0 : i;
    renderer.render(scene.points(),
                    {zooms ? scale * std::pow(1.01, i) : scale, pixels.width() / 4.0 + moved * 5,
                     pixels.height() * 0.8 + moved * 2},
                    pixels, style);
    times.push_back(milliseconds(clock));
  }
  const double used = 1000.0 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  std::sort(times.begin(), times.end());
  return {times[56], used / static_cast<double>(times.size())};
}

QPolygonF lasso(int corners) {
  QPolygonF polygon;
  for (int i = 0; i < corners; ++i) {
    const double angle = 6.283185307 * i / corners, radius = 3.0 + 0.6 * std::sin(angle * 9);
    polygon.append({6 + radius * std::cos(angle), 5 + radius * std::sin(angle)});
  }
  return polygon;
}

}  // namespace

void measure_map(GoalSheet& sheet, std::size_t cells) {
  const CellMapPtr map = clouds(cells);
  ScatterScene scene;
  scene.setMap(map, false);
  const ColorFieldPtr field = types(cells);
  scene.setField(field, look_of(*field));
  SplatRenderer renderer;
  const bool million = cells <= 1'000'000;
  const std::string goal = million ? "8" : "9";
  const double fps = million ? 30 : 15;
  const std::string name = std::to_string(cells / 1'000'000) + " M cells, ";
  for (const QSize& size : {QSize(960, 520), QSize(1600, 900)}) {
    const std::string canvas = std::to_string(size.width()) + " x " + std::to_string(size.height());
    for (const bool zooms : {false, true}) {
      const FrameTimes times = frame(scene, size, renderer, zooms);
      sheet.at_least(goal, name + (zooms ? "zoom, " : "pan, ") + canvas + ", 95 % of frames", 1000 / times.most, "fps",
                     fps);
      sheet.note("time of all processors per frame", times.processor, "ms");
    }
  }
  if (!million) return;

  QElapsedTimer clock;
  clock.start();
  auto found = cells_in_polygon(map->points, 2, lasso(512), scene.shown());
  const double selecting = milliseconds(clock);
  const auto selection = make_selection(std::move(found), {}, {});
  scene.setSelection(selection);
  renderer.render(scene.points(), {50, 300, 700}, {960, 520}, scene.style(Qt::white, Qt::lightGray));
  const double highlighted = milliseconds(clock);
  sheet.at_most("10", "1 M cells, lasso of 512 corners, mouse up to highlight", highlighted, "ms", 50);
  sheet.note("of that, finding the cells", selecting, "ms");

  std::vector<float> values(cells);
  for (std::size_t i = 0; i < cells; ++i) values[i] = i % 3 ? 0.0F : static_cast<float>(i % 1000) / 200.0F;
  clock.restart();
  const auto gene = field_of_genes(QStringLiteral("gene"), {values});
  const double ranked = milliseconds(clock);
  scene.setField(gene, look_of(*gene));
  renderer.render(scene.points(), {50, 300, 700}, {960, 520}, scene.style(Qt::white, Qt::lightGray));
  sheet.at_most("11", "1 M cells, colour by a gene in memory, to the new image", milliseconds(clock), "ms", 100);
  sheet.at_most("15", "of that, on the window's thread", milliseconds(clock) - ranked, "ms", 100);
  std::vector<std::span<const float>> set(200, std::span<const float>(values));
  clock.restart();
  (void)field_of_genes(QStringLiteral("set"), std::move(set));
  sheet.at_most("12", "1 M cells, mean of 200 genes in memory", milliseconds(clock), "ms", 3000);
  clock.restart();
  const PointGrid grid(map->points, 2);
  sheet.note("grid for the hover card (worker)", milliseconds(clock), "ms");
}

}  // namespace cw::ui
