// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/numbers.h"

#include <QTest>
#include <cmath>

using namespace cw::ui;

class NumbersTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void countsStoredAsRealsReadAsCounts() {
    QCOMPARE(number_text(10342.0), QStringLiteral("10,342"));
    QCOMPARE(number_text(1000.0), QStringLiteral("1,000"));
    QCOMPARE(number_text(-2638.0), QStringLiteral("−2,638"));
    QCOMPARE(number_text(999999.0), QStringLiteral("999,999"));
    QCOMPARE(number_text(10342.4), QStringLiteral("10,342"));
  }
  void otherNumbersKeepTheirDigits() {
    QCOMPARE(number_text(0.12345), QStringLiteral("0.123"));
    QCOMPARE(number_text(12.345), QStringLiteral("12.3"));
    QCOMPARE(number_text(0.00091234, 2), QStringLiteral("0.00091"));
    QCOMPARE(number_text(0.0), QStringLiteral("0"));
    QCOMPARE(number_text(2.5e6), QStringLiteral("2.5e6"));
    QCOMPARE(number_text(1e-6), QStringLiteral("1.0e−6"));
    QCOMPARE(number_text(std::nan("")), QStringLiteral("–"));
  }
  void whatIsRoundedToNothingHasNoSign() {
    QCOMPARE(fixed_text(-0.004, 2, true), QStringLiteral("0.00"));
    QCOMPARE(fixed_text(0.004, 2, true), QStringLiteral("0.00"));
    QCOMPARE(fixed_text(-0.006, 2, true), QStringLiteral("−0.01"));
    QCOMPARE(fixed_text(0.006, 2, true), QStringLiteral("+0.01"));
    QCOMPARE(fixed_text(-0.4, 0), QStringLiteral("0"));
  }
};

QTEST_MAIN(NumbersTest)
#include "numbers_test.moc"
