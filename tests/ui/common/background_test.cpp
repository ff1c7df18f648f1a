// SPDX-License-Identifier: GPL-3.0-or-later
// Work off the window's thread: whatever happens to it, the window hears of it and lives on.
#include "ui/common/background.h"

#include <QTest>
#include <new>
#include <stdexcept>

using namespace cw;
using namespace cw::ui;

class BackgroundTest : public QObject {
  Q_OBJECT

 private:
  // The answer of one piece of work, as an error id or "" for a value.
  QString answer_of(std::function<Result<int>(JobContext&)> work) {
    QString answer = QStringLiteral("none");
    background_.run<int>(Background::Lane::kCompute, this, std::move(work), [&answer](Result<int> result) {
      answer = result.ok() ? QString() : QString::fromStdString(result.error().id);
    });
    const bool answered = QTest::qWaitFor([&answer] { return answer != QLatin1String("none"); });
    return answered ? answer : QStringLiteral("never");
  }

  Background background_;

 private Q_SLOTS:
  void anExceptionReachesTheReceiverAsAnError() {
    QCOMPARE(answer_of([](JobContext&) -> Result<int> { throw std::bad_alloc(); }), QStringLiteral("E-UI-013"));
    QCOMPARE(answer_of([](JobContext&) -> Result<int> { throw std::out_of_range("row 7"); }),
             QStringLiteral("E-UI-014"));
    QCOMPARE(answer_of([](JobContext&) -> Result<int> { return 1; }), QString());
  }
};

QTEST_GUILESS_MAIN(BackgroundTest)
#include "background_test.moc"
