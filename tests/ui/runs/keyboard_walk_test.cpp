// SPDX-License-Identifier: GPL-3.0-or-later
// The workspace of training by the keyboard alone: every control has a name, Tab reaches all of them, and it goes down
// the page as the page is read.
#include "core/jobs/job_folder.h"
#include "tests/support/panel_parts.h"
#include "tests/support/window_services.h"
#include "ui/common/tab_order.h"
#include "ui/runs/run_form.h"
#include "ui/runs/runs_panel.h"

#include <QAbstractButton>
#include <QApplication>
#include <QPushButton>
#include <QTabBar>
#include <QToolButton>
#include <fstream>

namespace cw::ui {
namespace {

constexpr const char* kKang = CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad";

/// Presses Tab until it comes back to where it was.
QList<QWidget*> walk(QWidget* first) {
  constexpr int kMost = 300;
  QList<QWidget*> visited;
  first->setFocus();
  for (int i = 0; i < kMost; ++i) {
    QWidget* now = QApplication::focusWidget();
    if (!now || visited.contains(now)) break;
    visited << now;
    QTest::keyClick(now, Qt::Key_Tab);
  }
  return visited;
}

QString name_of(const QWidget& widget) {
  if (!widget.accessibleName().isEmpty()) return widget.accessibleName();
  const auto* button = qobject_cast<const QAbstractButton*>(&widget);
  return button ? button->text() : QString();
}

/// What is wrong with the walk through an area.
QStringList faults(const QWidget& area, QWidget* first) {
  QStringList wrong;
  const QList<QWidget*> visited = walk(first);
  for (const QWidget* widget : in_reading_order(area)) {
    const QString name =
        widget->objectName().isEmpty() ? QLatin1String(widget->metaObject()->className()) : widget->objectName();
    if (widget->isEnabled() && !visited.contains(widget)) wrong << name + QStringLiteral(" is not reached");
    const bool frame = widget->inherits("QScrollArea") || widget->inherits("QSplitterHandle");
    if (!frame && name_of(*widget).trimmed().isEmpty()) wrong << name + QStringLiteral(" has no name");
  }
  return wrong;
}

/// Places in the order of the walk that go up the page again.
QStringList jumps(const QWidget& page, const QList<QWidget*>& visited) {
  constexpr int kRow = 24;
  QStringList wrong;
  int before = 0;
  for (const QWidget* widget : visited) {
    if (!page.isAncestorOf(widget)) continue;
    const int y = widget->mapTo(&page, QPoint(0, widget->height() / 2)).y();
    if (y + kRow < before) wrong << widget->objectName();
    before = y;
  }
  return wrong;
}

}  // namespace

class KeyboardWalkTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { qputenv("CELLWRIGHT_ENGINE", CW_FAKE_ENGINE); }
  void theFormOfEveryKindIsWalked_data();
  void theFormOfEveryKindIsWalked();
  void theListAndItsPagesAreWalked();
};

void KeyboardWalkTest::theFormOfEveryKindIsWalked_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<bool>("all");
  for (const char* kind : {"finetune-cells", "finetune-multitask", "finetune-genes", "pretrain", "recipes"}) {
    QTest::newRow(kind) << QString::fromLatin1(kind) << false;
  }
  QTest::newRow("all settings and a search") << QStringLiteral("finetune-cells") << true;
}

void KeyboardWalkTest::theFormOfEveryKindIsWalked() {
  QFETCH(const QString, kind);
  QFETCH(const bool, all);
  WindowServices window;
  QVERIFY(window.open(kKang));
  RunsPanel panel(window.all);
  panel.resize(1100, 760);
  panel.show();
  panel.activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(&panel));
  panel.newRun();
  auto* form = part<RunForm>(panel, "runForm");
  form->setKind(kind);
  if (all) {
    form->setSearch(true);
    part<QToolButton>(panel, "runMoreSettings")->setChecked(true);
  }
  QVERIFY(window.settle(600));  // the order is set a moment after the form is laid out
  auto* first = part<QToolButton>(panel, "runKind-finetune-cells");
  const QStringList wrong = faults(*form, first);
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QStringLiteral(", "))));
  const QList<QWidget*> visited = walk(first);
  QVERIFY(visited.size() > 8);
  if (kind == QLatin1String("recipes")) return;
  const QWidget* page = part<QWidget>(panel, "runName")->parentWidget();
  const QStringList up = jumps(*page, visited);
  QVERIFY2(up.isEmpty(), qPrintable(up.join(QStringLiteral(", "))));
  picture(panel, qPrintable(QStringLiteral("walk-") + kind));
}

void KeyboardWalkTest::theListAndItsPagesAreWalked() {
  QTemporaryDir scratch;
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1100, 760);
  panel.show();
  panel.activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(&panel));
  const std::filesystem::path folder = scratch.filePath(QStringLiteral("run")).toStdString();
  const auto checkpoint = folder / "checkpoints" / "step-000000000010";
  std::filesystem::create_directories(checkpoint);
  std::ofstream(checkpoint / "state.json") << R"({"state":{"best_step":5}})";
  const auto id = window.all.jobs.submit(new_job("pretrain", {{"steps", 12}}), QStringLiteral("demo"), folder);
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kDone, 20'000);
  QVERIFY(window.settle());
  auto* tabs = part<QTabBar>(panel, "runTabs");
  for (int tab = 0; tab < tabs->count(); ++tab) {
    if (!tabs->isTabVisible(tab)) continue;
    tabs->setCurrentIndex(tab);
    QVERIFY(window.settle(100));
    const QStringList wrong = faults(panel, part<QPushButton>(panel, "runNew"));
    QVERIFY2(wrong.isEmpty(), qPrintable(tabs->tabText(tab) + QStringLiteral(": ") + wrong.join(QStringLiteral(", "))));
  }
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::KeyboardWalkTest)
#include "keyboard_walk_test.moc"
