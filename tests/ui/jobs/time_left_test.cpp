// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/time_left.h"

#include <QTest>
#include <cmath>

namespace cw::ui {

class TimeLeftTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void saysNothingInTheFirstSeconds();
  void aSteadyPaceIsKnownWell();
  void aPaceThatChangesHasALargeError();
  void anotherPhaseAndAPauseBeginAnew();
  void aClockThatIsWrongChangesNothing();
  void aClockThatJumpsIsNotWork_data();
  void aClockThatJumpsIsNotWork();
};

void TimeLeftTest::saysNothingInTheFirstSeconds() {
  TimeLeft left;
  left.add(100.0, "Embedding cells", 0, 1000);
  left.add(101.0, "Embedding cells", 10, 1000);
  QCOMPARE(left.seconds(), -1.0);
  QCOMPARE(left.rate(), 10.0);
}

void TimeLeftTest::aSteadyPaceIsKnownWell() {
  TimeLeft left;
  for (int i = 0; i <= 10; ++i) left.add(100.0 + i, "Embedding cells", 10 * i, 1000);
  QCOMPARE(left.seconds(), 90.0);
  QCOMPARE(left.error(), 4.5);
}

void TimeLeftTest::aPaceThatChangesHasALargeError() {
  TimeLeft left;
  for (int i = 0; i <= 10; ++i) left.add(i, "Perturbing", 100 * i, 10'000);
  for (int i = 1; i <= 5; ++i) left.add(10 + i, "Perturbing", 1000 + 20 * i, 10'000);
  QCOMPARE(left.rate(), 20.0);
  QVERIFY(left.error() > 0.4 * left.seconds());
}

void TimeLeftTest::anotherPhaseAndAPauseBeginAnew() {
  TimeLeft left;
  for (int i = 0; i <= 10; ++i) left.add(i, "Embedding states", 10 * i, 100);
  left.add(11, "Perturbing", 0, 1000);
  QCOMPARE(left.seconds(), -1.0);
  QCOMPARE(left.rate(), 0.0);
  for (int i = 0; i <= 5; ++i) left.add(12 + i, "Perturbing", 500 + i, 1000);
  left.add(5000, "Perturbing", 400, 1000);  // an engine that went on from an earlier block
  QCOMPARE(left.seconds(), -1.0);
}

// The clock of another machine: a year ahead, or before 1970.
void TimeLeftTest::aClockThatIsWrongChangesNothing() {
  for (const double ahead : {3.2e7, -2.0e9}) {
    TimeLeft left;
    for (int i = 0; i <= 10; ++i) left.add(100.0 + i + ahead, "Training", 10 * i, 1000);
    QCOMPARE(left.seconds(), 90.0);
    QCOMPARE(left.rate(), 10.0);
  }
}

void TimeLeftTest::aClockThatJumpsIsNotWork_data() {
  QTest::addColumn<double>("jump");
  QTest::newRow("an hour ahead") << 3600.0;
  QTest::newRow("an hour back") << -3600.0;
  QTest::newRow("a night asleep") << 30'000.0;
}

void TimeLeftTest::aClockThatJumpsIsNotWork() {
  QFETCH(double, jump);
  TimeLeft left;
  for (int i = 0; i <= 20; ++i) left.add(1000.0 + i + (i > 10 ? jump : 0.0), "Training", 10 * i, 1000);
  QVERIFY2(std::abs(left.seconds() - 80.0) < 4.0, qPrintable(QString::number(left.seconds())));
  QVERIFY2(std::abs(left.rate() - 10.0) < 0.5, qPrintable(QString::number(left.rate())));
  QVERIFY(left.error() >= 0.0 && left.error() < 8.0);
}

}  // namespace cw::ui

QTEST_GUILESS_MAIN(cw::ui::TimeLeftTest)
#include "time_left_test.moc"
