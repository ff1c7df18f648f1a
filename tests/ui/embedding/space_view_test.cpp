// SPDX-License-Identifier: GPL-3.0-or-later
// The map in space, drawn with OpenGL on a display of the test's own.
#include "tests/support/map_bench.h"
#include "ui/common/stall_watchdog.h"

#include <QSignalSpy>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kSoon = MapBench::kSoon;
constexpr float kDeep = 3.0F;

// Two sheets of cells, one behind the other: cell 2k and cell 2k + 1 differ in the third component only.
CellMapPtr two_sheets(std::int64_t cells) {
  auto map = std::make_shared<CellMap>();
  map->name = QStringLiteral("UMAP 3-D");
  map->key = QStringLiteral("X_umap");
  map->note = QStringLiteral("drawn for the test");
  map->dimensions = 3;
  const auto side = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(cells) / 2)));
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    const std::int64_t place = cell / 2;
    map->points.push_back(static_cast<float>(place % side) / 4.0F);
    map->points.push_back(static_cast<float>(place / side) / 4.0F);
    map->points.push_back(cell % 2 == 0 ? kDeep : -kDeep);
  }
  return map;
}

// Looked at along the third axis, from where it points to.
const QQuaternion kFront;
const QQuaternion kBack = QQuaternion::fromAxisAndAngle(0, 1, 0, 180);

QPointF place_of(ScatterCanvas& canvas, std::int64_t cell) { return canvas.view().toScreen(canvas.scene().at(cell)); }

void click(QWidget* target, QPointF at, Qt::KeyboardModifiers modifiers = {}) {
  send_mouse(target, QEvent::MouseButtonPress, at, Qt::LeftButton, Qt::LeftButton, modifiers);
  send_mouse(target, QEvent::MouseButtonRelease, at, Qt::LeftButton, Qt::NoButton, modifiers);
}

double distance(QColor a, QColor b) {
  return std::hypot(a.red() - b.red(), a.green() - b.green(), a.blue() - b.blue());
}

}  // namespace

class SpaceViewTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { qputenv("CELLWRIGHT_REDUCED_MOTION", "1"); }
  void thePictureShowsTheCellsWhereTheyAreInTheirColours();
  void theCellInFrontIsHoveredAndClicked();
  void draggingTurnsAndTheViewComesBack();
  void withoutOpenGlTheMapStaysFlatAndTheReasonIsGiven();

 private:
  QTemporaryDir scratch_;
};

void SpaceViewTest::thePictureShowsTheCellsWhereTheyAreInTheirColours() {
  MapBench bench(scratch_.filePath(QStringLiteral("picture.cellwright")));
  QVERIFY(bench.openWithMap(two_sheets));
  StallWatchdog watchdog;
  bench.panel->setInSpace(true);
  QVERIFY(bench.settle());
  ScatterCanvas& canvas = bench.canvas();
  canvas.setLabelsShown(false);
  for (const QQuaternion& turn : {kFront, kBack}) {
    canvas.setTurn(turn);
    QVERIFY(QTest::qWaitFor([&] { return canvas.grab().isNull() || canvas.isPainted(); }, kSoon));
    const QImage picture = canvas.grab().toImage();
    const double ratio = picture.devicePixelRatio();
    int seen = 0, right = 0;
    for (std::int64_t cell = turn == kFront ? 0 : 1; cell < 400; cell += 2) {
      const QPoint at = (place_of(canvas, cell) * ratio).toPoint();
      if (!picture.rect().adjusted(8, 8, -260, -90).contains(at)) continue;  // legend, axes and text
      ++seen;
      right += distance(picture.pixelColor(at), canvas.scene().colorOf(cell)) < 45;  // a ball is a little shaded
    }
    QVERIFY(seen > 80);
    QVERIFY2(right > 0.95 * seen, qPrintable(QStringLiteral("%1 of %2").arg(right).arg(seen)));
  }
}

void SpaceViewTest::theCellInFrontIsHoveredAndClicked() {
  MapBench bench(scratch_.filePath(QStringLiteral("pick.cellwright")));
  QVERIFY(bench.openWithMap(two_sheets));
  bench.panel->setInSpace(true);
  QVERIFY(bench.settle());
  ScatterCanvas& canvas = bench.canvas();
  const SelectionHub& hub = bench.document.selection();
  QSignalSpy hovered(&canvas, &ScatterCanvas::hovered);
  constexpr std::int64_t kEven = 640;
  for (const std::int64_t front : {kEven, kEven + 1}) {
    canvas.setTurn(front % 2 == 0 ? kFront : kBack);
    const QPointF at = place_of(canvas, front);
    send_mouse(&canvas, QEvent::MouseMove, at, Qt::NoButton, Qt::NoButton);
    QVERIFY(!hovered.isEmpty());
    QCOMPARE(hovered.last().first().toLongLong(), front);
    click(&canvas, at);
    QVERIFY(hub.cells());
    QCOMPARE(hub.cells()->count, 1);
    QCOMPARE(hub.cells()->mask[static_cast<std::size_t>(front)], std::uint8_t{1});
  }
  click(&canvas, place_of(canvas, kEven + 41), Qt::ShiftModifier);
  QCOMPARE(hub.cells()->count, 2);
  // twice: its group
  const std::int32_t code = canvas.scene().field()->codes[kEven + 1];
  send_mouse(&canvas, QEvent::MouseButtonDblClick, place_of(canvas, kEven + 1), Qt::LeftButton, Qt::LeftButton);
  QCOMPARE(hub.cells()->count, canvas.scene().field()->counts[static_cast<std::size_t>(code)]);
  // a lasso takes what it encloses on screen, on both sheets
  QTest::keyClick(&canvas, Qt::Key_L);
  const QPointF middle = place_of(canvas, kEven);
  send_mouse(&canvas, QEvent::MouseButtonPress, middle + QPointF(-40, -40), Qt::LeftButton, Qt::LeftButton);
  for (const QPointF corner : {QPointF(40, -40), QPointF(40, 40), QPointF(-40, 40)}) {
    send_mouse(&canvas, QEvent::MouseMove, middle + corner, Qt::NoButton, Qt::LeftButton);
  }
  send_mouse(&canvas, QEvent::MouseButtonRelease, middle + QPointF(-40, 40), Qt::LeftButton, Qt::NoButton);
  std::int64_t even = 0;
  for (std::size_t cell = 0; cell < hub.cells()->mask.size(); cell += 2) even += hub.cells()->mask[cell];
  QVERIFY(even > 0 && even < hub.cells()->count);
}

void SpaceViewTest::draggingTurnsAndTheViewComesBack() {
  MapBench bench(scratch_.filePath(QStringLiteral("turn.cellwright")));
  QVERIFY(bench.openWithMap(two_sheets));
  bench.panel->setTileCount(2);
  bench.panel->setInSpace(true);
  QVERIFY(bench.settle());
  ScatterCanvas& canvas = bench.canvas();
  const QQuaternion before = canvas.turn();
  const QPointF where = canvas.scene().at(7);
  StallWatchdog watchdog;
  send_mouse(&canvas, QEvent::MouseButtonPress, {200, 200}, Qt::LeftButton, Qt::LeftButton);
  for (int i = 1; i <= 12; ++i) {
    send_mouse(&canvas, QEvent::MouseMove, {200.0 + 10 * i, 200.0 + 4 * i}, Qt::NoButton, Qt::LeftButton);
    QTest::qWait(16);
  }
  send_mouse(&canvas, QEvent::MouseButtonRelease, {320, 248}, Qt::LeftButton, Qt::NoButton);
  QVERIFY(QQuaternion::dotProduct(before, canvas.turn()) < 0.98F);
  QVERIFY(QLineF(where, canvas.scene().at(7)).length() > 0.1);
  QVERIFY(canvas.isFitted());  // turned, not moved
  QCOMPARE(bench.panel->tile(1).canvas().turn(), canvas.turn());
  QVERIFY(bench.settle());
  QVERIFY(!bench.document.selection().cells());
  const QByteArray view = bench.panel->saveView();
  const QQuaternion turned = canvas.turn();
  bench.panel->setInSpace(false);
  QVERIFY(!canvas.isInSpace());
  const auto& flat = bench.document.dataset()->maps.front()->points;
  QCOMPARE(canvas.scene().at(7), QPointF(static_cast<double>(flat[21]), static_cast<double>(flat[22])));
  bench.panel->restoreView(view);
  QVERIFY(bench.settle());
  QVERIFY(bench.panel->isInSpace());
  QVERIFY(std::abs(QQuaternion::dotProduct(turned, canvas.turn())) > 0.9999F);
}

void SpaceViewTest::withoutOpenGlTheMapStaysFlatAndTheReasonIsGiven() {
  qputenv("CELLWRIGHT_NO_OPENGL", "1");
  MapBench bench(scratch_.filePath(QStringLiteral("none.cellwright")));
  QVERIFY(bench.openWithMap(two_sheets));
  bench.panel->setInSpace(true);
  QTRY_VERIFY_WITH_TIMEOUT(!bench.messages.log().isEmpty(), kSoon);
  qunsetenv("CELLWRIGHT_NO_OPENGL");
  QCOMPARE(bench.messages.log().first().id, QStringLiteral("W-UI-203"));
  QVERIFY(!bench.panel->isInSpace());
  QVERIFY(bench.settle());
  QVERIFY(!bench.canvas().isInSpace());
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::SpaceViewTest)
#include "space_view_test.moc"
