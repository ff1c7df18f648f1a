// SPDX-License-Identifier: GPL-3.0-or-later
// Machines in the window, with the real command line and a real sshd on this machine: added, its unknown key shown and
// accepted by hand, looked at, gone, removed.
#include "tests/support/loopback_ssh.h"
#include "tests/support/window_services.h"
#include "ui/common/stall_watchdog.h"
#include "ui/machines/machine_text.h"
#include "ui/machines/machines_bar.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>

namespace cw::ui {
namespace {

constexpr int kSoon = 60'000;

template <class T>
T* part(const QWidget& parent, const char* name) {
  return parent.findChild<T*>(QLatin1String(name));
}

void picture(QWidget& widget, const char* name) {
  const QString folder = qEnvironmentVariable("CELLWRIGHT_SCREENSHOTS");
  if (!folder.isEmpty()) widget.grab().save(QStringLiteral("%1/%2.png").arg(folder, QLatin1String(name)));
}

}  // namespace

class MachinesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aMachineIsAddedLookedAtAndRemoved();
};

void MachinesTest::aMachineIsAddedLookedAtAndRemoved() {
  const QTemporaryDir scratch;
  qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");
  qputenv("XDG_CONFIG_HOME", scratch.filePath(QStringLiteral("config")).toUtf8());
  LoopbackSsh ssh(scratch.filePath(QStringLiteral("ssh")).toStdString());
  ssh.start();
  QVERIFY(!::testing::Test::HasFatalFailure());
  ssh.forget_host_key();

  WindowServices window;
  MachinesBar bar(window.all);
  bar.resize(900, 52);
  bar.show();
  StallWatchdog watchdog;
  MachineBook& book = bar.book();
  const auto state = [&book](const char* name) {
    const MachineEntry* one = book.find(QLatin1String(name));
    return one ? machine_state(*one) : QString();
  };
  QTRY_VERIFY2_WITH_TIMEOUT(state("this-pc").startsWith(QLatin1String("load ")), qPrintable(state("this-pc")), kSoon);
  QCOMPARE(book.machines().size(), 1);

  // a name that cannot be used is refused in the sheet, with the reason
  window.all.actions.find(QStringLiteral("machines.add"))->trigger();
  auto* sheet = part<QDialog>(bar, "addMachineSheet");
  QVERIFY(sheet && !part<QPushButton>(*sheet, "machineAddNow")->isEnabled());
  QVERIFY(!part<QLineEdit>(*sheet, "machinePartition")->isVisible());
  part<QComboBox>(*sheet, "machineKind")->setCurrentIndex(1);
  QVERIFY(part<QLineEdit>(*sheet, "machinePartition")->isVisible());
  picture(*sheet, "machine-add");
  part<QComboBox>(*sheet, "machineKind")->setCurrentIndex(0);
  part<QLineEdit>(*sheet, "machineName")->setText(QStringLiteral("no name/"));
  part<QLineEdit>(*sheet, "machineHost")->setText(QStringLiteral("loop"));
  part<QLineEdit>(*sheet, "machineFolder")->setText(scratch.filePath(QStringLiteral("far")));
  part<QPushButton>(*sheet, "machineAddNow")->click();
  auto* problem = part<QLabel>(*sheet, "machineProblem");
  QTRY_VERIFY2_WITH_TIMEOUT(problem->text().contains(QLatin1String("E-MCH-003")), qPrintable(problem->text()), kSoon);
  part<QLineEdit>(*sheet, "machineName")->setText(QStringLiteral("lab"));
  part<QPushButton>(*sheet, "machineAddNow")->click();
  QTRY_VERIFY_WITH_TIMEOUT(book.find(QStringLiteral("lab")), kSoon);

  // its key is shown, and trusted only when somebody says so
  QTRY_COMPARE_WITH_TIMEOUT(state("lab"), QStringLiteral("key not accepted yet"), kSoon);
  QVERIFY(!std::filesystem::exists(ssh.at("known_hosts")));
  picture(bar, "machines-unknown-key");
  part<QAbstractButton>(bar, "machine-lab")->click();
  auto* details = part<QDialog>(bar, "machineSheet");
  QVERIFY(part<QLabel>(*details, "machineKey")->text().contains(QString::fromStdString(ssh.fingerprint())));
  picture(*details, "machine-key");
  part<QPushButton>(*details, "machineAcceptKey")->click();
  QTRY_VERIFY2_WITH_TIMEOUT(state("lab").startsWith(QLatin1String("load ")), qPrintable(state("lab")), kSoon);
  QVERIFY(part<QPushButton>(*details, "machineAcceptKey")->isHidden());
  QCOMPARE(machine_gauges(*book.find(QStringLiteral("lab"))).size() >= 2, true);
  picture(*details, "machine-sheet");
  picture(bar, "machines");

  // it vanishes: what is known of it stays, and the reason is told
  ssh.stop();
  std::filesystem::remove_all(ssh.at("cm"));
  part<QPushButton>(*details, "machineLook")->click();
  QTRY_VERIFY2_WITH_TIMEOUT(state("lab").startsWith(QLatin1String("no answer since ")), qPrintable(state("lab")),
                            kSoon);
  QVERIFY(part<QLabel>(*details, "machineProblems")->text().contains(QLatin1String("E-MCH-01")));
  QVERIFY(!book.find(QStringLiteral("lab"))->report.is_null());
  part<QPushButton>(*details, "machineRemove")->click();
  QTRY_VERIFY_WITH_TIMEOUT(!book.find(QStringLiteral("lab")), kSoon);
  QTRY_VERIFY(!part<QAbstractButton>(bar, "machine-lab"));
  QVERIFY2(watchdog.longest() < 100.0, qPrintable(QString::number(watchdog.longest())));
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::MachinesTest)
#include "machines_test.moc"
