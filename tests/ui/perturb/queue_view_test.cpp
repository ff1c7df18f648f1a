// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the queue: by drops, by keys, kept in the project, and of what waits to be run. The engine is a script
// that runs until the test ends, so that the other jobs wait.
#include "ui/perturb/queue_view.h"

#include "tests/support/window_services.h"
#include "ui/common/drag_data.h"
#include "ui/perturb/bench_panel.h"
#include "ui/perturb/experiment_book.h"

#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QMimeData>

namespace cw::ui {

class QueueViewTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    QFile engine(folder_.filePath(QStringLiteral("engine")));
    QVERIFY(engine.open(QIODevice::WriteOnly));
    engine.write("#!/bin/sh\nwhile [ -e '" + engine.fileName().toUtf8() + "' ]; do sleep 0.1; done\n");
    engine.close();
    QVERIFY(engine.setPermissions(QFile::ReadOwner | QFile::ExeOwner | QFile::WriteOwner));
    qputenv("CELLWRIGHT_ENGINE", engine.fileName().toUtf8());
    qputenv("XDG_STATE_HOME", folder_.path().toUtf8());
    services_ = std::make_unique<WindowServices>();
    panel_ = std::make_unique<BenchPanel>(services_->all);
    panel_->resize(740, 900);
    panel_->show();
    QVERIFY(services_->open(CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad"));
    queue_ = panel_->findChild<QueueView*>(QStringLiteral("queueView"));
    QVERIFY(queue_ != nullptr);
    book().edit(QStringLiteral("genes"), [](Experiment& e) {
      e.well(WellId::kDelete).genes = {{QStringLiteral("ENSG00000187608"), QStringLiteral("ISG15")}};
    });
    while (book().experiments().size() < 4) book().duplicate(book().experiments().first().id);
    QCOMPARE(queue_->count(), 4);
  }
  void cleanupTestCase() {
    panel_.reset();
    services_.reset();
  }

  void aCardGoesBeforeOrAfterTheOneItIsDroppedOn_data() {
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("onto");
    QTest::addColumn<double>("height");
    QTest::addColumn<QList<int>>("order");
    QTest::newRow("up, middle") << 3 << 0 << 0.5 << QList<int>{3, 0, 1, 2};
    QTest::newRow("up, upper half") << 2 << 1 << 0.3 << QList<int>{0, 2, 1, 3};
    QTest::newRow("up, lower half") << 3 << 0 << 0.7 << QList<int>{0, 3, 1, 2};
    QTest::newRow("down, upper half") << 0 << 2 << 0.3 << QList<int>{1, 0, 2, 3};
    QTest::newRow("down, lower half") << 0 << 2 << 0.7 << QList<int>{1, 2, 0, 3};
    QTest::newRow("last") << 1 << 3 << 0.8 << QList<int>{0, 2, 3, 1};
    QTest::newRow("below the last") << 0 << 3 << 1.5 << QList<int>{1, 2, 3, 0};
    QTest::newRow("itself") << 1 << 1 << 0.8 << QList<int>{0, 1, 2, 3};
  }
  void aCardGoesBeforeOrAfterTheOneItIsDroppedOn() {
    QFETCH(const int, from);
    QFETCH(const int, onto);
    QFETCH(const double, height);
    QFETCH(const QList<int>, order);
    const QStringList before = ids();
    const QRect card = queue_->visualItemRect(queue_->item(onto));
    QVERIFY(drag(from, card.topLeft() + QPoint(30, static_cast<int>(height * (card.height() - 1)))));
    QStringList expected;
    for (const int row : order) expected << before[row];
    QCOMPARE(ids(), expected);
    QCOMPARE(idsOf(ExperimentBook(services_->all.document, services_->all.jobs)), expected);  // as kept in the project
  }

  void keysMoveTheCard() {
    const QStringList before = ids();
    queue_->setFocus();
    queue_->setCurrentRow(2);
    QTest::keyClick(queue_, Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(ids(), (QStringList{before[0], before[2], before[1], before[3]}));
    QCOMPARE(queue_->currentRow(), 1);
    QTest::keyClick(queue_, Qt::Key_Up, Qt::AltModifier);
    QTest::keyClick(queue_, Qt::Key_Up, Qt::AltModifier);  // is first already
    QCOMPARE(ids(), (QStringList{before[2], before[0], before[1], before[3]}));
    for (int i = 0; i < 4; ++i) QTest::keyClick(queue_, Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(ids(), (QStringList{before[0], before[1], before[3], before[2]}));
  }

  void whatIsMovedWhileItsRunIsPreparedStaysWhereItWasMoved() {
    const QStringList before = ids();
    Experiment asked = book().experiments().first();
    QVERIFY(drag(0, queue_->visualItemRect(queue_->item(3)).bottomLeft() + QPoint(30, -2)));
    const QStringList moved{before[1], before[2], before[3], before[0]};
    QCOMPARE(ids(), moved);
    QCOMPARE(book().setRun(asked, QStringLiteral("/nowhere/run"), {}), asked.id);
    QCOMPARE(ids(), moved);
    QCOMPARE(idsOf(ExperimentBook(services_->all.document, services_->all.jobs)), moved);  // as kept in the project
    QCOMPARE(book().find(asked.id)->runFolder, QStringLiteral("/nowhere/run"));
    book().set(asked);  // a draft again, with its old place in hand
    QCOMPARE(ids(), moved);
    QCOMPARE(idsOf(ExperimentBook(services_->all.document, services_->all.jobs)), moved);
  }

  void whatIsEditedWhileItsRunIsPreparedStaysADraftBesideTheRun() {
    const QStringList before = ids();
    const Experiment asked = *book().find(before[1]);
    book().setCurrent(asked.id);
    book().edit(QStringLiteral("cells"), [](Experiment& e) { e.maxCells = 77; });
    const QString run = book().setRun(asked, QStringLiteral("/nowhere/run"), {});
    QVERIFY(run != asked.id);
    QCOMPARE(book().find(run)->maxCells, asked.maxCells);
    QCOMPARE(book().find(asked.id)->maxCells, 77);
    QVERIFY(book().find(asked.id)->runFolder.isEmpty());
    const QStringList both{before[0], asked.id, run, before[2], before[3]};
    QCOMPARE(ids(), both);
    QCOMPARE(idsOf(ExperimentBook(services_->all.document, services_->all.jobs)), both);
    book().remove(run);
    QCOMPARE(ids(), before);
  }

  void aLongTitleDoesNotWidenTheWindow() {
    const int before = panel_->minimumSizeHint().width();
    const QString id = book().current().id;
    book().edit(QStringLiteral("name"), [](Experiment& e) { e.name = QString(300, QLatin1Char('W')); });
    QCOMPARE(panel_->minimumSizeHint().width(), before);
    QCOMPARE(panel_->findChild<QLabel*>(QStringLiteral("benchHeading"))->text(), book().find(id)->name);
    services_->all.document.undoStack().undo();
  }

  void whatWaitsIsRunInTheOrderOfTheList() {
    Q_EMIT queue_->runRequested(ids()[3]);  // runs at once, and goes on
    QTRY_COMPARE_WITH_TIMEOUT(jobs().size(), 1, 20'000);
    for (const int row : {0, 2}) {
      Q_EMIT queue_->runRequested(ids()[row]);
      QTRY_COMPARE_WITH_TIMEOUT(jobs().size(), row == 0 ? 2 : 3, 20'000);
    }
    const QStringList list = ids();
    QCOMPARE(waiting(), (QStringList{jobOf(list[0]), jobOf(list[2])}));
    // before a draft that lies between the two
    const QRect draft = queue_->visualItemRect(queue_->item(1));
    QVERIFY(drag(0, draft.bottomLeft() + QPoint(30, -2)));
    QCOMPARE(ids(), (QStringList{list[1], list[0], list[2], list[3]}));
    QCOMPARE(waiting(), (QStringList{jobOf(list[0]), jobOf(list[2])}));
    const QRect first = queue_->visualItemRect(queue_->item(0));
    QVERIFY(drag(2, first.topLeft() + QPoint(30, 3)));
    QCOMPARE(waiting(), (QStringList{jobOf(list[2]), jobOf(list[0])}));
    // one that is asked for last waits where it lies
    QVERIFY(drag(1, first.topLeft() + QPoint(30, 3)));
    Q_EMIT queue_->runRequested(list[1]);
    QTRY_COMPARE_WITH_TIMEOUT(jobs().size(), 4, 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(waiting(), (QStringList{jobOf(list[1]), jobOf(list[2]), jobOf(list[0])}), 20'000);
  }

 private:
  // What Qt sends to the list while a card is dragged; true where the list took it.
  bool drag(int from, const QPoint& to) {
    QMimeData card;
    card.setData(QStringLiteral("application/x-cellwright-experiment"), ids()[from].toUtf8());
    QWidget& target = *queue_->viewport();
    QDragEnterEvent enter(to, Qt::CopyAction, &card, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&target, &enter);
    QDragMoveEvent move(to, Qt::CopyAction, &card, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&target, &move);
    if (!enter.isAccepted() || !move.isAccepted()) return false;
    QDropEvent drop(QPointF(to), Qt::CopyAction, &card, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&target, &drop);
    return drop.isAccepted();
  }
  ExperimentBook& book() const { return panel_->book(); }
  static QStringList idsOf(const ExperimentBook& book) {
    QStringList ids;
    for (const Experiment& e : book.experiments()) ids << e.id;
    return ids;
  }
  QStringList ids() const { return idsOf(book()); }
  const QList<JobRecord>& jobs() const { return services_->all.jobs.jobs(); }
  QString jobOf(const QString& id) const { return book().find(id)->jobId; }
  QStringList waiting() const {
    QStringList ids;
    for (const JobRecord& job : jobs()) {
      if (job.phase == JobPhase::kQueued) ids << job.id;
    }
    return ids;
  }

  QTemporaryDir folder_;
  std::unique_ptr<WindowServices> services_;
  std::unique_ptr<BenchPanel> panel_;
  QueueView* queue_ = nullptr;
};

}  // namespace cw::ui

QTEST_MAIN(cw::ui::QueueViewTest)
#include "queue_view_test.moc"
