// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/time_left.h"

#include <QTest>

namespace cw::ui {

class TimeLeftTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void saysNothingInTheFirstSeconds();
  void aSteadyPaceIsKnownWell();
  void aPaceThatChangesHasALargeError();
  void anotherPhaseAndAPauseBeginAnew();
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

}  // namespace cw::ui

QTEST_GUILESS_MAIN(cw::ui::TimeLeftTest)
#include "time_left_test.moc"
