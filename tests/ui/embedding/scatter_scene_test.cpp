// SPDX-License-Identifier: GPL-3.0-or-later
// What the map of cells is made of, without widgets: selecting, painting, finding, naming.
#include "ui/embedding/scatter_scene.h"

#include "ui/embedding/map_marks.h"
#include "ui/embedding/point_grid.h"
#include "ui/embedding/polygon_mask.h"
#include "ui/embedding/tile_state.h"
#include "ui/embedding/view_transform.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <random>

namespace cw::ui {
namespace {

constexpr double kPi = 3.14159265358979;

std::vector<float> cloud(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> points(2 * count);
  for (float& value : points) value = normal(random);
  return points;
}

// A closed line that crosses itself, as a hasty hand draws it.
QPolygonF scribble(int corners, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> wobble(0.4, 1.6);
  QPolygonF polygon;
  for (int i = 0; i < corners; ++i) {
    const double angle = 4 * kPi * i / corners;  // twice around
    const double radius = wobble(random);
    polygon.append({radius * std::cos(angle), radius * std::sin(angle)});
  }
  return polygon;
}

SplatPoints points_of(const std::vector<float>& points, std::size_t quietEvery) {
  SplatPoints splat;
  for (std::size_t i = 0; i < points.size() / 2; ++i) {
    splat.x.push_back(points[2 * i]);
    splat.y.push_back(points[2 * i + 1]);
    splat.color.push_back(static_cast<std::uint16_t>(i % 3));
    splat.layer.push_back(i % quietEvery == 0 ? 1 : 2);
  }
  return splat;
}

SplatStyle plain_style(double radius) {
  SplatStyle style;
  style.palette = {0xff0072b2, 0xffe69f00, 0xff009e73};
  style.quiet = 0xffcccccc;
  style.ground = 0xffffffff;
  style.radius = radius;
  return style;
}

CellMapPtr map_of(std::vector<float> points) {
  auto map = std::make_shared<CellMap>();
  map->name = QStringLiteral("UMAP");
  map->key = QStringLiteral("X_umap");
  map->points = std::move(points);
  return map;
}

FieldLook look_for(const ColorField& field) {
  FieldLook look;
  look.missing = Qt::gray;
  for (qsizetype i = 0; i < field.categories.size(); ++i) {
    look.categoryColors.append(QColor::fromHsv(static_cast<int>(i * 40), 200, 200));
    look.hidden.push_back(false);
  }
  look.low = static_cast<double>(field.low);
  look.high = static_cast<double>(field.high);
  return look;
}

}  // namespace

class ScatterSceneTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theMaskOfALassoEqualsTheTestOfEveryCell_data();
  void theMaskOfALassoEqualsTheTestOfEveryCell();
  void modesAddRemoveAndIntersect();
  void hiddenCellsAndCellsOffTheMapAreNotSelected();
  void theImageIsTheSameForAnyNumberOfThreads();
  void aMovedImageIsThatOfTheNewView();
  void aDotIsRoundSmoothAndInItsColour();
  void chosenCellsLieOnTopOfQuietOnes();
  void dotsAcrossTheEdgeArePainted();
  void theNearestCellIsFound();
  void namesStandOnCellsOfTheirGroupAndDoNotOverlap();
  void contoursEncloseTheShareOfCellsTheyStandFor();
  void columnsAreUsedAsWhatTheyHold();
  void highValuesAreDrawnLast();
  void theMeanOfGenesIsShown();
  void cellsMoveBetweenMapsAndArrive();
  void aStateSurvivesItsJson();
  void zoomingKeepsThePointUnderTheMouse();
};

void ScatterSceneTest::theMaskOfALassoEqualsTheTestOfEveryCell_data() {
  QTest::addColumn<int>("corners");
  QTest::newRow("triangle") << 3;
  QTest::newRow("scribble") << 40;
  QTest::newRow("long lasso") << 512;
}

void ScatterSceneTest::theMaskOfALassoEqualsTheTestOfEveryCell() {
  QFETCH(int, corners);
  const QPolygonF polygon = corners == 3 ? QPolygonF({{-1, -1}, {1.5, -0.2}, {0, 1.2}}) : scribble(corners, 7);
  std::vector<float> points = cloud(50'000, 1);
  for (const QPointF& corner : polygon) {  // cells exactly on corners and on lines through them are the hard ones
    points.push_back(static_cast<float>(corner.x()));
    points.push_back(static_cast<float>(corner.y()));
  }
  const auto mask = cells_in_polygon(points, 2, polygon, {});
  std::int64_t inside = 0;
  for (std::size_t cell = 0; cell < mask.size(); ++cell) {
    const bool expected =
        winds_around(polygon, static_cast<double>(points[2 * cell]), static_cast<double>(points[2 * cell + 1]));
    QCOMPARE(mask[cell] != 0, expected);
    inside += expected;
  }
  QVERIFY(inside > 5'000 && inside < 45'000);
  QCOMPARE(cells_in_polygon(points, 2, polygon, {}, 1), mask);
}

void ScatterSceneTest::modesAddRemoveAndIntersect() {
  using Mask = std::vector<std::uint8_t>;
  const Mask before{1, 1, 0, 0};
  const Mask found{1, 0, 1, 0};
  QCOMPARE(combine(before, found, SelectMode::kReplace), found);
  QCOMPARE(combine(before, found, SelectMode::kAdd), (Mask{1, 1, 1, 0}));
  QCOMPARE(combine(before, found, SelectMode::kRemove), (Mask{0, 1, 0, 0}));
  QCOMPARE(combine(before, found, SelectMode::kIntersect), (Mask{1, 0, 0, 0}));
  QCOMPARE(combine({}, found, SelectMode::kAdd), found);
  QCOMPARE(combine({}, found, SelectMode::kRemove), (Mask{0, 1, 0, 1}));
}

void ScatterSceneTest::hiddenCellsAndCellsOffTheMapAreNotSelected() {
  const std::vector<float> points{0, 0, 0.1F, 0, std::nanf(""), 0, 0, 0.1F};
  const std::vector<std::uint8_t> shown{1, 0, 1, 1};
  const QPolygonF all({{-1, -1}, {1, -1}, {1, 1}, {-1, 1}});
  QCOMPARE(cells_in_polygon(points, 2, all, shown), (std::vector<std::uint8_t>{1, 0, 0, 1}));
}

void ScatterSceneTest::theImageIsTheSameForAnyNumberOfThreads() {
  const SplatPoints few = points_of(cloud(20'000, 3), 4);
  const SplatPoints many = points_of(cloud(260'000, 3), 4);
  const SplatView view{90, 320, 240};
  for (const SplatPoints* points : {&few, &many}) {
    SplatRenderer one(1), three(3), all(0);
    const QImage expected = one.render(*points, view, {640, 480}, plain_style(1.6)).copy();
    QCOMPARE(three.render(*points, view, {640, 480}, plain_style(1.6)), expected);
    QCOMPARE(all.render(*points, view, {640, 480}, plain_style(1.6)), expected);
  }
}

// Dots whose quarter of a pixel is rounded another way may differ: a few in a thousand pixels at most.
void ScatterSceneTest::aMovedImageIsThatOfTheNewView() {
  constexpr QSize kSize(640, 480);
  const auto differing = [](const QImage& a, const QImage& b) {
    int pixels = 0;
    for (int y = 0; y < a.height(); ++y) {
      for (int x = 0; x < a.width(); ++x) pixels += a.pixel(x, y) != b.pixel(x, y);
    }
    return pixels;
  };
  SplatPoints few = points_of(cloud(20'000, 3), 4), many = points_of(cloud(260'000, 3), 4);
  for (SplatPoints* points : {&few, &many}) {
    points->revision = 77;
    SplatRenderer moved;
    QPointF offset(320, 240);
    SplatView view{90, offset.x(), offset.y()};
    moved.render(*points, view, kSize, plain_style(2.6));
    for (const QPoint& step :
         {QPoint(17, 0), QPoint(0, -9), QPoint(-30, 12), QPoint(-1, -40), QPoint(0, 0), QPoint(8, 8)}) {
      offset += step;
      view = {90, offset.x(), offset.y()};
      const QImage shown = moved.render(*points, view, kSize, plain_style(2.6)).copy();
      SplatRenderer fresh;
      const QImage wanted = fresh.render(*points, view, kSize, plain_style(2.6));
      QVERIFY2(differing(shown, wanted) < 640 * 480 / 300, qPrintable(QString::number(differing(shown, wanted))));
      QCOMPARE(moved.numVisible(), fresh.numVisible());
    }
    // other points, another look and half a pixel are painted anew
    const auto is_fresh = [&](const SplatView& there, const SplatStyle& style) {
      SplatRenderer fresh;
      return moved.render(*points, there, kSize, style) == fresh.render(*points, there, kSize, style);
    };
    std::reverse(points->color.begin(), points->color.end());
    points->revision = 78;
    QVERIFY(is_fresh({90, offset.x() + 3, offset.y()}, plain_style(2.6)));
    QVERIFY(is_fresh({90, offset.x() + 5, offset.y()}, plain_style(1.6)));
    QVERIFY(is_fresh({90, offset.x() + 5.5, offset.y()}, plain_style(1.6)));
    QVERIFY(is_fresh({91, offset.x() + 5.5, offset.y()}, plain_style(1.6)));
  }
}

void ScatterSceneTest::aDotIsRoundSmoothAndInItsColour() {
  SplatPoints one;
  one.x = {0};
  one.y = {0};
  one.color = {1};
  one.layer = {2};
  SplatRenderer renderer;
  const QImage image = renderer.render(one, {1, 20.125, 20.125}, {40, 40}, plain_style(6));
  QCOMPARE(renderer.numVisible(), 1);
  QCOMPARE(image.pixel(20, 20), 0xffe69f00);
  QCOMPARE(image.pixel(0, 0), 0xffffffff);
  double covered = 0;
  int partly = 0;
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 40; ++x) {
      const double share = (255 - qBlue(image.pixel(x, y))) / 255.0;
      covered += share;
      partly += share > 0.02 && share < 0.98;
    }
  }
  QVERIFY(std::abs(covered - kPi * 36) < 3);
  QVERIFY(partly > 20);
  QCOMPARE(image.pixel(14, 20), image.pixel(20, 14));
}

void ScatterSceneTest::chosenCellsLieOnTopOfQuietOnes() {
  SplatPoints two;
  two.x = {0, 0};
  two.y = {0, 0};
  two.color = {0, 1};
  two.layer = {2, 1};  // the quiet one comes later in the order and is painted first all the same
  SplatRenderer renderer;
  QCOMPARE(renderer.render(two, {1, 10, 10}, {20, 20}, plain_style(4)).pixel(10, 10), 0xff0072b2);
}

void ScatterSceneTest::dotsAcrossTheEdgeArePainted() {
  SplatPoints points;
  points.x = {-2, 22, 10, 10, 60};
  points.y = {-10, -10, 2, -22, -10};
  points.color = {0, 0, 0, 0, 0};
  points.layer = {2, 2, 2, 2, 2};
  SplatRenderer renderer;
  const QImage image = renderer.render(points, {1, 0, 0}, {20, 20}, plain_style(4));
  QCOMPARE(renderer.numVisible(), 4);
  for (const QPoint& edge : {QPoint(0, 10), QPoint(19, 10), QPoint(10, 0), QPoint(10, 19)}) {
    QCOMPARE(image.pixel(edge), 0xff0072b2);
  }
}

void ScatterSceneTest::theNearestCellIsFound() {
  std::vector<float> points = cloud(5'000, 5);
  points[0] = std::nanf("");
  const PointGrid grid(points, 2);
  for (const QPointF& at : {QPointF(0, 0), QPointF(-3, 2), QPointF(1.2, -0.4), QPointF(9, 9)}) {
    std::int64_t nearest = -1;
    double best = 0.5;
    for (std::int64_t cell = 1; cell < 5'000; ++cell) {
      const auto i = static_cast<std::size_t>(2 * cell);
      const double distance =
          std::hypot(static_cast<double>(points[i]) - at.x(), static_cast<double>(points[i + 1]) - at.y());
      if (cell % 2 == 1 && distance < best) {
        best = distance;
        nearest = cell;
      }
    }
    QCOMPARE(grid.nearest(points, at, 0.5, [](std::int64_t cell) { return cell % 2 == 1; }), nearest);
  }
}

void ScatterSceneTest::namesStandOnCellsOfTheirGroupAndDoNotOverlap() {
  std::vector<float> points = cloud(300, 6);
  std::vector<std::int32_t> codes;
  for (std::size_t cell = 0; cell < 300; ++cell) {
    codes.push_back(static_cast<std::int32_t>(cell % 3));
    points[2 * cell] += static_cast<float>(cell % 3) * 4;
  }
  const auto field = field_of_column(Column::of_codes("group", codes, {"a", "b", "c"}), ColumnUse::Kind::kCategories);
  const auto marks = group_marks(points, 2, *field);
  QCOMPARE(marks.size(), std::size_t{3});
  for (const GroupMark& mark : marks)
    QVERIFY(std::abs(mark.at.x() - mark.category * 4) < 0.5 && std::abs(mark.at.y()) < 0.5);

  const std::vector<QPointF> anchors(3, QPointF(100, 100));
  const std::vector<QSizeF> sizes(3, QSizeF(40, 14));
  const auto boxes = place_boxes(anchors, sizes, QRectF(0, 0, 200, 200));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    QVERIFY(!boxes[i].isNull());
    for (std::size_t j = 0; j < i; ++j) QVERIFY(!boxes[i].intersects(boxes[j]));
  }
  QVERIFY(place_boxes(std::vector<QPointF>{{500, 5}}, {sizes.data(), 1}, QRectF(0, 0, 200, 200)).front().isNull());
}

void ScatterSceneTest::contoursEncloseTheShareOfCellsTheyStandFor() {
  const std::vector<float> points = cloud(20'000, 8);
  const std::vector<std::uint8_t> shown(20'000, 1);
  const DensityField density = density_of(points, 2, shown);
  QCOMPARE(density.levels.size(), std::size_t{5});
  // of a normal cloud half of the cells lie within sqrt(2 ln 2) of its middle
  const double half = std::sqrt(2 * std::log(2.0));
  QVERIFY(std::is_sorted(density.levels.begin(), density.levels.end()));
  QVERIFY(density.levels.back() <= *std::max_element(density.values.begin(), density.values.end()));
  for (const float level : density.levels) {
    QVERIFY(contour(density, level).size() > 10);
    for (const QLineF& line : contour(density, level)) QVERIFY(std::hypot(line.p1().x(), line.p1().y()) < 4.5);
  }
  const auto lines = contour(density, density.levels[2]);
  QVERIFY(lines.size() > 20);
  for (const QLineF& line : lines) {
    const double far = std::hypot(line.p1().x(), line.p1().y());
    QVERIFY2(std::abs(far - half) < 0.3, qPrintable(QString::number(far)));
  }
}

void ScatterSceneTest::columnsAreUsedAsWhatTheyHold() {
  Table cells;
  std::vector<std::string> names, types;
  std::vector<std::int64_t> counts, clusters;
  std::vector<double> shares;
  for (int i = 0; i < 400; ++i) {
    cells.index.push_back(std::to_string(i));
    names.push_back("cell" + std::to_string(i));
    types.push_back(i % 2 ? "T" : "B");
    counts.push_back(1000 + i);
    clusters.push_back(i % 5);
    shares.push_back(i / 400.0);
  }
  cells.columns = {Column::of_strings("barcode", names), Column::of_strings("cell_type", types),
                   Column::of_integers("n_counts", counts), Column::of_integers("leiden", clusters),
                   Column::of_reals("share", shares)};
  const auto uses = column_uses(cells);
  QCOMPARE(uses[0].kind, ColumnUse::Kind::kText);
  QCOMPARE(uses[1].kind, ColumnUse::Kind::kCategories);
  QCOMPARE(uses[2].kind, ColumnUse::Kind::kNumbers);
  QCOMPARE(uses[3].kind, ColumnUse::Kind::kCategories);
  QCOMPARE(uses[3].numCategories, 5);
  QCOMPARE(uses[4].kind, ColumnUse::Kind::kNumbers);
  QCOMPARE(best_column(uses), QStringLiteral("cell_type"));
}

void ScatterSceneTest::highValuesAreDrawnLast() {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i * 37 % 1000);
  values[5] = std::nan("");
  const auto field = field_of_column(Column::of_reals("score", values), ColumnUse::Kind::kNumbers);
  QCOMPARE(field->missing, 1);
  QCOMPARE(field->order.front(), 5U);
  QCOMPARE(values[field->order.back()], 999.0);
  QCOMPARE(field->low, 0.0F);
  QCOMPARE(field->high, 999.0F);
}

void ScatterSceneTest::theMeanOfGenesIsShown() {
  const std::vector<float> a{0, 2, 4, 0}, b{2, 2, 0, 0};
  const auto field = field_of_genes(QStringLiteral("set"), {a, b});
  QCOMPARE(field->values, (std::vector<float>{1, 2, 2, 0}));
  QCOMPARE(field->low, 0.0F);
  QCOMPARE(field->text(1), QStringLiteral("2"));
}

void ScatterSceneTest::cellsMoveBetweenMapsAndArrive() {
  const auto field = plain_field(3);
  ScatterScene scene;
  scene.setMap(map_of({0, 0, 1, 1, 2, 2}), false);
  scene.setField(field, look_for(*field));
  scene.setMap(map_of({10, 0, 11, 1, std::nanf(""), 2}), true);
  QCOMPARE(scene.numShown(), 2);
  std::size_t first = 0;
  while (field->order[first] != 0) ++first;
  QCOMPARE(scene.points().x[first], 0.0F);
  scene.setProgress(0.5);
  QVERIFY(scene.points().x[first] > 5.0F && scene.points().x[first] < 10.0F);
  scene.setProgress(1.0);
  QCOMPARE(scene.points().x[first], 10.0F);
}

void ScatterSceneTest::aStateSurvivesItsJson() {
  TileState state;
  state.coloring = {
      Coloring::Kind::kGenes, {}, {QStringLiteral("ENSG1"), QStringLiteral("ENSG2")}, QStringLiteral("set")};
  state.hidden = {QStringLiteral("B")};
  state.missingHidden = true;
  state.scale = QStringLiteral("magma");
  state.range = {0.5, 2.0};
  QCOMPARE(tile_state_from_json(to_json(state)), state);
  QCOMPARE(tile_state_from_json(Json::parse(R"({"hidden": 3, "range": ["a"], "column": []})")).hidden, QStringList());
}

void ScatterSceneTest::zoomingKeepsThePointUnderTheMouse() {
  ViewTransform view;
  view.size = {400, 300};
  view.fit(QRectF(-1, -1, 2, 2), {10, 10, 110, 10});
  QCOMPARE(view.scale, 140.0);
  QCOMPARE(view.toScreen({0, 0}), QPointF(150, 150));
  const QPointF at(77, 210);
  const QPointF before = view.toMap(at);
  view.zoomAt(at, 3.5);
  const QPointF after = view.toMap(at);
  QVERIFY(std::hypot(after.x() - before.x(), after.y() - before.y()) < 1e-12);
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::ScatterSceneTest)
#include "scatter_scene_test.moc"
