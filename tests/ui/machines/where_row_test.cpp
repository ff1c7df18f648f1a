// SPDX-License-Identifier: GPL-3.0-or-later
// Where a run is computed, with the real command line and a real sshd: what is free, what stands in the way, and what a
// cluster is asked for.
#include "ui/machines/where_row.h"

#include "core/machines/machine_list.h"
#include "tests/support/loopback_ssh.h"
#include "tests/support/window_services.h"
#include "ui/common/stall_watchdog.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>

namespace cw::ui {
namespace {

constexpr int kSoon = 60'000;
constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;

}  // namespace

class WhereRowTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aMachineIsChosenOnceNothingStandsInTheWay();
};

void WhereRowTest::aMachineIsChosenOnceNothingStandsInTheWay() {
  const QTemporaryDir scratch;
  qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");
  qputenv("XDG_CONFIG_HOME", scratch.filePath(QStringLiteral("config")).toUtf8());
  LoopbackSsh ssh(scratch.filePath(QStringLiteral("ssh")).toStdString());
  ssh.start();
  QVERIFY(!::testing::Test::HasFatalFailure());
  ssh.forget_host_key();
  Machine lab;
  lab.name = "lab";
  lab.kind = MachineKind::kSsh;
  lab.host = "loop";
  lab.folder = scratch.filePath(QStringLiteral("far")).toStdString();
  QVERIFY(add_machine(lab, false).ok());
  Machine cluster = lab;
  cluster.name = "cluster";
  cluster.kind = MachineKind::kSlurm;
  cluster.slurm.partition = "gpu";
  cluster.slurm.time = "12:00:00";
  QVERIFY(add_machine(cluster, false).ok());

  WindowServices window;
  WhereRow row(window.theme, QStringLiteral("where"));
  row.show();
  StallWatchdog watchdog;
  auto* machines = row.findChild<QComboBox*>(QStringLiteral("where"));
  auto* note = row.findChild<QLabel*>(QStringLiteral("where-note"));
  auto* look = row.findChild<QPushButton*>(QStringLiteral("where-look"));
  QTRY_COMPARE_WITH_TIMEOUT(machines->count(), 3, kSoon);
  QTRY_VERIFY2_WITH_TIMEOUT(machines->itemText(0).contains(QLatin1String("cores free")),
                            qPrintable(machines->itemText(0)), kSoon);
  QVERIFY(row.place()->machine.kind == MachineKind::kThisPc && row.obstacle().isEmpty());
  QCOMPARE(row.memoryNote(1e18), QString());  // of this PC the forecast itself says so

  // a key that nobody has accepted is no machine to send data to
  machines->setCurrentIndex(machines->findData(QStringLiteral("lab")));
  QTRY_VERIFY2_WITH_TIMEOUT(row.obstacle().contains(QLatin1String("never accepted the key of lab")),
                            qPrintable(row.obstacle()), kSoon);
  QVERIFY(look->isVisible() && note->text() == row.obstacle());
  QVERIFY(!std::filesystem::exists(ssh.at("known_hosts")));
  ssh.know_host_key();
  row.book().probe(QStringLiteral("lab"));
  QTRY_COMPARE_WITH_TIMEOUT(row.obstacle(), QString(), kSoon);
  QVERIFY(!look->isVisible());
  QCOMPARE(row.place()->machine.name, std::string("lab"));
  QVERIFY(row.processors() > 0 && row.memory() > 0.0);
  QVERIFY(row.memoryNote(row.memory() / 2).isEmpty());
  QVERIFY(row.memoryNote(row.memory() * 2).contains(QLatin1String("lab has ")));

  // without Slurm the cluster is none; what its jobs would ask for is in the fields, and can be changed
  auto* time = row.findChild<QLineEdit*>(QStringLiteral("where-time"));
  QVERIFY(!time->isVisible());
  machines->setCurrentIndex(machines->findData(QStringLiteral("cluster")));
  row.book().probe(QStringLiteral("cluster"));
  QVERIFY(time->isVisible());
  QCOMPARE(time->text(), QStringLiteral("12:00:00"));
  QTRY_VERIFY2_WITH_TIMEOUT(!row.obstacle().isEmpty(), qPrintable(row.obstacle()), kSoon);
  QVERIFY2(!row.obstacle().contains(QLatin1String("cellwright ")), qPrintable(row.obstacle()));
  time->setText(QStringLiteral("2-00"));
  row.findChild<QLineEdit*>(QStringLiteral("where-memory"))->setText(QStringLiteral("4G"));
  const auto place = row.place();
  QVERIFY(place.ok());
  QCOMPARE(place->request.partition, std::string("gpu"));
  QCOMPARE(place->request.time, std::string("2-00"));
  QCOMPARE(row.memory(), 4.0 * kGigabyte);
  QVERIFY(row.memoryNote(8.0 * kGigabyte).contains(QLatin1String("ask for more")));
  row.book().refresh();  // what was typed stays
  QTest::qWait(300);
  QCOMPARE(time->text(), QStringLiteral("2-00"));

  // it vanishes
  ssh.stop();
  std::filesystem::remove_all(ssh.at("cm"));
  machines->setCurrentIndex(machines->findData(QStringLiteral("lab")));
  QTRY_VERIFY2_WITH_TIMEOUT(row.obstacle().contains(QLatin1String("E-MCH-01")), qPrintable(row.obstacle()), kSoon);
  QVERIFY2(watchdog.longest() < 100.0, qPrintable(QString::number(watchdog.longest())));
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::WhereRowTest)
#include "where_row_test.moc"
