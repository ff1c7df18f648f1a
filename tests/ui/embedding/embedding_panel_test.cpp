// SPDX-License-Identifier: GPL-3.0-or-later
// The map panel on the bundled cells. Started as "PROGRAM run FOLDER" this program is the engine of its own tests: it
// "embeds" at once and lays the cells on a line, leaving the first ten out.
#include "ui/embedding/embedding_panel.h"

#include "core/base/files.h"
#include "core/io/h5ad_writer.h"
#include "core/jobs/job_worker.h"
#include "core/tokenize/data_formats.h"
#include "tests/support/exported_figure.h"
#include "tests/support/map_bench.h"
#include "ui/common/drag_data.h"
#include "ui/common/stall_watchdog.h"
#include "ui/embedding/category_legend.h"
#include "ui/embedding/scale_legend.h"
#include "ui/figures/figure_writer.h"

#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

namespace cw::ui {
namespace {

const std::string kExample = CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad";
constexpr std::int64_t kLeftOut = 10;
constexpr int kSoon = MapBench::kSoon;

Result<Json> work(const JobSpec& spec, JobContext& context) {
  context.report(1, 2, "Working");
  const std::filesystem::path output = spec.options["output"].get<std::string>();
  if (spec.kind == "embed") {
    CW_TRY(write_file_atomically(output, "of no interest"));
    return Json{{"cells", 1}};
  }
  CW_ASSIGN(const auto reader, data_formats().open_dataset(kExample));
  CW_ASSIGN(std::vector<std::string> names, reader->cell_names());
  H5adContent content;
  std::vector<std::int32_t> codes;
  DenseArray map;
  map.num_columns = spec.options.value("dimensions", 2);
  for (std::size_t i = kLeftOut; i < names.size(); ++i) {
    content.cells.index.push_back(names[i]);
    codes.push_back(static_cast<std::int32_t>(i % 2));
    map.values.push_back(static_cast<float>(i));
    map.values.push_back(static_cast<float>(i % 7));
    if (map.num_columns == 3) map.values.push_back(static_cast<float>(i % 5));
  }
  map.num_rows = content.cells.num_rows();
  content.cells.columns = {Column::of_codes("cluster", codes, {"0", "1"})};
  content.embeddings.emplace_back("X_umap", map);
  CW_TRY(write_h5ad(output, content, true, context));
  return Json{{"clusters", 2}};
}

// Four clouds: enough structure to lasso one of them.
CellMapPtr four_clouds(std::int64_t cells) {
  auto map = std::make_shared<CellMap>();
  map->name = QStringLiteral("UMAP");
  map->key = QStringLiteral("X_umap");
  map->note = QStringLiteral("drawn for the test");
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    const auto turn = static_cast<float>(cell) * 2.399F;
    const float radius = 1.2F * std::sqrt(static_cast<float>(cell % 97) / 97.0F);
    map->points.push_back(static_cast<float>(cell % 2) * 6 + radius * std::cos(turn));
    map->points.push_back(static_cast<float>(cell / 2 % 2) * 6 + radius * std::sin(turn));
  }
  return map;
}

void drag(QWidget* target, const QList<QPointF>& path, Qt::KeyboardModifiers modifiers = {}) {
  send_mouse(target, QEvent::MouseButtonPress, path.first(), Qt::LeftButton, Qt::LeftButton, modifiers);
  for (const QPointF& at : path) {
    send_mouse(target, QEvent::MouseMove, at, Qt::NoButton, Qt::LeftButton, modifiers);
  }
  send_mouse(target, QEvent::MouseButtonRelease, path.last(), Qt::LeftButton, Qt::NoButton, modifiers);
}

// Around a place of the map, in widget coordinates.
QList<QPointF> ring(const ScatterCanvas& canvas, QPointF center, double radius) {
  QList<QPointF> path;
  for (int i = 0; i <= 60; ++i) {
    const double angle = i / 60.0 * 6.2831853;
    path << canvas.view().toScreen(center + QPointF(radius * std::cos(angle), radius * std::sin(angle)));
  }
  return path;
}

const LegendEntry* entry(const QList<LegendEntry>& entries, const QString& value) {
  for (const LegendEntry& one : entries) {
    if (one.value == value) return &one;
  }
  return nullptr;
}

}  // namespace

class EmbeddingPanelTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    qputenv("CELLWRIGHT_ENGINE", QCoreApplication::applicationFilePath().toLocal8Bit());
    qputenv("CELLWRIGHT_REDUCED_MOTION", "1");
  }
  void withoutAMapTheCellsAreEmbeddedAndTheMapStays();
  void aThirdDimensionIsComputedWithoutEmbeddingAgain();
  void aLassoSelectsAddsRemovesAndEscapeClears();
  void theLegendHidesIsolatesAndIsUndone();
  void theLegendChoosesStartAndGoalAndSelects();
  void coloursAndNamesOfGroupsAreKept();
  void aGeneIsShownWithAScaleThatCanBeChanged();
  void tilesShareTheirView();
  void aViewIsRestored();
  void theFigureAndItsNumbersAreThere();
  void everyControlHasAName();

 private:
  QTemporaryDir scratch_;
};

void EmbeddingPanelTest::withoutAMapTheCellsAreEmbeddedAndTheMapStays() {
  const QString project = scratch_.filePath(QStringLiteral("embed.cellwright"));
  {
    MapBench bench(project);
    QVERIFY(bench.openExample());
    auto* button = bench.find<QPushButton>("embedButton");
    QTRY_VERIFY_WITH_TIMEOUT(button->isVisible(), kSoon);
    QCOMPARE(bench.find<QLabel>("embeddingEmptyText")->text(), QStringLiteral("This file has counts but no map."));
    QVERIFY2(button->text().startsWith(QLatin1String("Embed with Demonstration model (about ")),
             qPrintable(button->text()));
    QTest::mouseClick(button, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(bench.panel->isSettled(), kSoon);
    const DatasetPtr& dataset = bench.document.dataset();
    QCOMPARE(dataset->maps.size(), std::size_t{1});
    QVERIFY(dataset->maps.front()->note.contains(QLatin1String("10 cells left out")));
    QVERIFY(std::isnan(dataset->maps.front()->points[0]));
    QCOMPARE(dataset->maps.front()->points[2 * kLeftOut], 10.0F);
    const Column* clusters = dataset->cells.find("cluster");
    QVERIFY(clusters);
    QCOMPARE(clusters->num_missing(), kLeftOut);
    QCOMPARE(bench.panel->tile(0).canvas().scene().numShown(), dataset->num_cells() - kLeftOut);
  }
  MapBench again(project);
  QTRY_VERIFY_WITH_TIMEOUT(again.panel->isSettled(), kSoon);
  QVERIFY(again.document.dataset()->cells.find("cluster"));
}

void EmbeddingPanelTest::aThirdDimensionIsComputedWithoutEmbeddingAgain() {
  qputenv("CELLWRIGHT_NO_OPENGL", "1");  // what it looks like is the matter of another test
  MapBench bench(scratch_.filePath(QStringLiteral("space.cellwright")));
  QVERIFY(bench.openExample());
  auto* button = bench.find<QPushButton>("embedButton");
  QTRY_VERIFY_WITH_TIMEOUT(button->isVisible(), kSoon);
  QTest::mouseClick(button, Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(bench.panel->isSettled(), kSoon);
  const auto jobs = bench.jobs.jobs().size();
  bench.actions.find(QStringLiteral("explore.space"))->trigger();
  auto* menu = bench.find<QMenu>("spaceMenu");
  QVERIFY(menu && menu->isVisible());
  auto* compute = menu->findChild<QAction*>(QStringLiteral("computeSpace"));
  QVERIFY(compute && compute->isEnabled());
  compute->trigger();
  menu->close();
  QTRY_COMPARE_WITH_TIMEOUT(bench.document.dataset()->maps.size(), std::size_t{2}, kSoon);
  qunsetenv("CELLWRIGHT_NO_OPENGL");
  QCOMPARE(bench.jobs.jobs().size(), jobs + 1);
  const CellMap& map = *bench.document.dataset()->maps.front();
  QCOMPARE(map.dimensions, std::int64_t{3});
  QCOMPARE(map.name, QStringLiteral("UMAP 3-D"));
  QCOMPARE(map.points[3 * kLeftOut + 2], static_cast<float>(kLeftOut % 5));
}

void EmbeddingPanelTest::aLassoSelectsAddsRemovesAndEscapeClears() {
  MapBench bench(scratch_.filePath(QStringLiteral("lasso.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  QVERIFY(bench.settle());
  ScatterCanvas& canvas = bench.panel->tile(0).canvas();
  const SelectionHub& hub = bench.document.selection();
  const auto inCloud = [&](int x, int y) {
    std::int64_t count = 0;
    for (std::int64_t cell = 0; cell < bench.document.dataset()->num_cells(); ++cell) {
      count += cell % 2 == x && cell / 2 % 2 == y;
    }
    return count;
  };
  StallWatchdog watchdog;
  drag(&canvas, ring(canvas, {0, 0}, 2));
  QVERIFY(hub.cells());
  QCOMPARE(hub.cells()->count, inCloud(0, 0));
  QCOMPARE(hub.cells()->name, QStringLiteral("lasso 1"));
  drag(&canvas, ring(canvas, {6, 0}, 2), Qt::ShiftModifier);
  QCOMPARE(hub.cells()->count, inCloud(0, 0) + inCloud(1, 0));
  drag(&canvas, ring(canvas, {0, 0}, 2), Qt::AltModifier);
  QCOMPARE(hub.cells()->count, inCloud(1, 0));
  drag(&canvas, ring(canvas, {6, 0}, 2), Qt::ControlModifier);
  QCOMPARE(hub.cells()->count, inCloud(1, 0));
  bench.document.undoStack().undo();
  bench.document.undoStack().undo();
  QCOMPARE(hub.cells()->count, inCloud(0, 0) + inCloud(1, 0));
  QTest::keyClick(&canvas, Qt::Key_R);
  drag(&canvas, {canvas.view().toScreen({-2, 8}), canvas.view().toScreen({2, 4})});
  QCOMPARE(hub.cells()->count, inCloud(0, 1));
  QTest::keyClick(&canvas, Qt::Key_Escape);
  QVERIFY(!hub.cells());
}

void EmbeddingPanelTest::theLegendHidesIsolatesAndIsUndone() {
  MapBench bench(scratch_.filePath(QStringLiteral("legend.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  EmbeddingTile& tile = bench.panel->tile(0);
  QCOMPARE(tile.state().coloring.column, QStringLiteral("cell_type"));
  CategoryLegend& legend = tile.legend();
  const std::int64_t all = tile.canvas().scene().numShown();
  const LegendEntry first = legend.entries().first();
  QTest::mouseClick(legend.viewport(), Qt::LeftButton, {}, legend.visualItemRect(legend.item(0)).center());
  QCOMPARE(tile.canvas().scene().numShown(), all - first.count);
  QVERIFY(legend.entries().first().hidden);
  bench.document.undoStack().undo();
  QCOMPARE(tile.canvas().scene().numShown(), all);
  legend.setCurrentRow(1);
  QTest::keyClick(&legend, Qt::Key_Return);
  QCOMPARE(tile.canvas().scene().numShown(), legend.entries()[1].count);
  QTest::keyClick(&legend, Qt::Key_Return);
  QCOMPARE(tile.canvas().scene().numShown(), all);
  legend.setCurrentRow(1);
  QTest::keyClick(&legend, Qt::Key_Down, Qt::AltModifier);
  QCOMPARE(legend.entries()[2].value, entry(legend.entries(), legend.entries()[2].value)->value);
  QCOMPARE(bench.document.columnStyle(QStringLiteral("cell_type")).order[2], legend.entries()[2].value);
}

void EmbeddingPanelTest::theLegendChoosesStartAndGoalAndSelects() {
  MapBench bench(scratch_.filePath(QStringLiteral("groups.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  CategoryLegend& legend = bench.panel->tile(0).legend();
  const auto entries = legend.entries();
  Q_EMIT legend.chosen(entries[0].category, LegendAction::kStart);
  Q_EMIT legend.chosen(entries[1].category, LegendAction::kGoal);
  Q_EMIT legend.chosen(entries[2].category, LegendAction::kAlternative);
  const GroupChoice& groups = bench.document.selection().groups();
  QCOMPARE(groups.start->value, entries[0].value);
  QCOMPARE(groups.start->count, entries[0].count);
  QCOMPARE(groups.start->color, entries[0].color);
  QCOMPARE(groups.goal->value, entries[1].value);
  QCOMPARE(groups.alternatives.size(), 1);
  Q_EMIT legend.chosen(entries[0].category, LegendAction::kGoal);  // a group is not both
  QVERIFY(!groups.start);
  QCOMPARE(groups.goal->value, entries[0].value);
  Q_EMIT legend.chosen(entries[3].category, LegendAction::kSelect);
  QCOMPARE(bench.document.selection().cells()->count, entries[3].count);
}

void EmbeddingPanelTest::coloursAndNamesOfGroupsAreKept() {
  const QString project = scratch_.filePath(QStringLiteral("style.cellwright"));
  QString value;
  {
    MapBench bench(project);
    QVERIFY(bench.openWithMap(four_clouds));
    CategoryLegend& legend = bench.panel->tile(0).legend();
    value = legend.entries().first().value;
    legend.item(0)->setText(QStringLiteral("Precursors"));
    ColumnStyle style = bench.document.columnStyle(QStringLiteral("cell_type"));
    QCOMPARE(style.nameOf(value), QStringLiteral("Precursors"));
    style.colors[value] = QColor(1, 2, 3);
    bench.document.setColumnStyle(QStringLiteral("cell_type"), style, QStringLiteral("Recolour"));
    QCOMPARE(legend.entries().first().color, QColor(1, 2, 3));
    QCOMPARE(bench.document.groupOf(QStringLiteral("cell_type"), value).color, QColor(1, 2, 3));
  }
  MapBench again(project);
  QCOMPARE(again.document.columnStyle(QStringLiteral("cell_type")).nameOf(value), QStringLiteral("Precursors"));
  QCOMPARE(again.document.columnStyle(QStringLiteral("cell_type")).colors[value], QColor(1, 2, 3));
}

void EmbeddingPanelTest::aGeneIsShownWithAScaleThatCanBeChanged() {
  MapBench bench(scratch_.filePath(QStringLiteral("gene.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  EmbeddingTile& tile = bench.panel->tile(0);
  bench.panel->colorByGene(QStringLiteral("ENSG00000090382"));  // LYZ
  QTRY_VERIFY_WITH_TIMEOUT(tile.canvas().scene().field() && !tile.canvas().scene().field()->values.empty(), kSoon);
  QCOMPARE(tile.state().coloring.name, QStringLiteral("LYZ"));
  auto* scale = tile.findChild<ScaleLegend*>();
  QVERIFY(scale->isVisible());
  QVERIFY(scale->high() > 2.0);
  const double high = scale->high();
  scale->setFocus();
  QTest::keyClick(scale, Qt::Key_Left);
  QVERIFY(tile.canvas().scene().look().high < high);
  Q_EMIT scale->scaleChosen(QStringLiteral("magma"));
  QCOMPARE(tile.canvas().scene().look().scale, QStringLiteral("magma"));
  bench.document.undoStack().undo();
  bench.document.undoStack().undo();
  QCOMPARE(tile.canvas().scene().look().high, high);
  // a set that is dragged onto the map
  const auto data = mime_of(GeneDrag{{QStringLiteral("ENSG00000090382"), QStringLiteral("ENSG00000105374")},
                                     {QStringLiteral("LYZ"), QStringLiteral("NKG7")},
                                     QStringLiteral("test")});
  QDragEnterEvent enter({50, 50}, Qt::CopyAction, data.get(), Qt::LeftButton, {});
  QApplication::sendEvent(&tile, &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent drop({50, 50}, Qt::CopyAction, data.get(), Qt::LeftButton, {});
  QApplication::sendEvent(&tile, &drop);
  QTRY_COMPARE_WITH_TIMEOUT(tile.canvas().scene().field()->title, QStringLiteral("2 genes"), kSoon);
}

void EmbeddingPanelTest::tilesShareTheirView() {
  MapBench bench(scratch_.filePath(QStringLiteral("tiles.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  bench.panel->setTileCount(4);
  QVERIFY(bench.settle());
  QStringList columns;
  for (int i = 0; i < 4; ++i) columns << bench.panel->tile(i).state().coloring.column;
  QCOMPARE(QSet<QString>(columns.begin(), columns.end()).size(), 4);
  // a small map is not covered by a long list: it is folded, and opens
  auto& card = *bench.panel->tile(0).findChild<LegendCard*>();
  auto* fold = card.findChild<QToolButton*>(QStringLiteral("legendFold1"));
  QVERIFY(fold != nullptr && fold->isVisible());
  QVERIFY(!card.groups().isVisible());
  QVERIFY(card.height() < 40);
  QTest::keyClick(fold, Qt::Key_Space);
  QVERIFY(card.groups().isVisible());
  QTest::keyClick(fold, Qt::Key_Space);
  QVERIFY(!card.groups().isVisible());
  ScatterCanvas& first = bench.panel->tile(0).canvas();
  first.zoomBy(2.0);
  for (int i = 1; i < 4; ++i) {
    QCOMPARE(bench.panel->tile(i).canvas().view().scale, first.view().scale);
    QCOMPARE(bench.panel->tile(i).canvas().view().center, first.view().center);
  }
  bench.document.selection().hoverCell(7);
  const QImage marked = bench.panel->tile(2).canvas().grab().toImage();
  bench.document.selection().hoverCell(-1);
  QVERIFY(bench.panel->tile(2).canvas().grab().toImage() != marked);
}

void EmbeddingPanelTest::aViewIsRestored() {
  MapBench bench(scratch_.filePath(QStringLiteral("view.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  bench.panel->setTileCount(2);
  TileState state = bench.panel->tile(1).state();
  state.coloring = {Coloring::Kind::kColumn, QStringLiteral("n_genes"), {}, QStringLiteral("n genes")};
  state.scale = QStringLiteral("cividis");
  bench.panel->tile(1).setState(state);
  QVERIFY(bench.settle());
  bench.panel->tile(0).canvas().zoomBy(3.0);
  const double scale = bench.panel->tile(0).canvas().view().scale;
  const QByteArray view = bench.panel->saveView();
  bench.panel->setTileCount(1);
  bench.panel->tile(0).canvas().fit();
  bench.panel->restoreView(view);
  QVERIFY(bench.settle());
  QCOMPARE(bench.panel->tileCount(), 2);
  QCOMPARE(bench.panel->tile(1).state(), state);
  QCOMPARE(bench.panel->tile(0).canvas().view().scale, scale);
  bench.panel->restoreView("{\"tiles\": 5, \"map\": [1]}");  // of another version: nothing breaks
  QCOMPARE(bench.panel->tileCount(), 2);
}

void EmbeddingPanelTest::theFigureAndItsNumbersAreThere() {
  MapBench bench(scratch_.filePath(QStringLiteral("figure.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  QVERIFY(bench.settle());
  QVERIFY(bench.panel->hasFigure());
  QImage image(757, 540, QImage::Format_RGB32);
  image.fill(Qt::red);
  {
    QPainter painter(&image);
    painter.scale(3, 3);
    bench.panel->figure()(painter, {252.3, 180, 7});
  }
  QCOMPARE(image.pixel(2, 2), 0xffffffff);
  FigureOptions options;
  options.format = FigureFormat::kSvg;
  QCOMPARE(problem_of_svg(write_figure(bench.panel->figure(), options, {}), kOneColumn), QString());
  QSet<QRgb> colors;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) colors.insert(image.pixel(x, y));
  }
  for (const LegendEntry& one : bench.panel->tile(0).legendEntries()) QVERIFY(colors.contains(one.color.rgb()));
  const auto data = bench.panel->figureData();
  QVERIFY(data);
  QCOMPARE(data->num_rows(), bench.document.dataset()->num_cells());
  QVERIFY(data->find("x") && data->find("y") && data->find("cell type"));
  QVERIFY(bench.panel->figureName().contains(QLatin1String("cell type")));
}

void EmbeddingPanelTest::everyControlHasAName() {
  MapBench bench(scratch_.filePath(QStringLiteral("names.cellwright")));
  QVERIFY(bench.openWithMap(four_clouds));
  for (const QWidget* widget : bench.panel->findChildren<QWidget*>()) {
    if (widget->focusPolicy() == Qt::NoFocus || widget->objectName().startsWith(QLatin1String("qt_"))) continue;
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
    const bool isInner = qobject_cast<const QAbstractScrollArea*>(widget->parentWidget()) != nullptr;
    QVERIFY2(isInner || (named && !widget->objectName().isEmpty()),
             qPrintable(widget->objectName() + QLatin1String(widget->metaObject()->className())));
  }
}

}  // namespace cw::ui

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "run") == 0) {
    cw::register_plugins();
    const auto folder = cw::JobFolder::open(argv[2]);
    return folder.ok() ? cw::work_on_job(*folder, cw::ui::work) : 3;
  }
  QApplication application(argc, argv);
  cw::ui::EmbeddingPanelTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "embedding_panel_test.moc"
