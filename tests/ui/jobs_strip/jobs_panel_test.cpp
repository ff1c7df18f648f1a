// SPDX-License-Identifier: GPL-3.0-or-later
// Strip, list and keeper with the real engine: what is seen while jobs run, and what the next window finds.
#include "ui/jobs_strip/jobs_panel.h"

#include "tests/support/example_jobs.h"
#include "ui/common/action_registry.h"
#include "ui/common/messages.h"
#include "ui/common/stall_watchdog.h"
#include "ui/document/document.h"
#include "ui/jobs_strip/job_text.h"
#include "ui/jobs_strip/jobs_strip.h"
#include "ui/jobs_strip/run_keeper.h"
#include "ui/theme/theme.h"

#include <sys/wait.h>

#include <QApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <csignal>

namespace cw::ui {
namespace {

constexpr int kSoon = 30'000;

// What a window is made of, as far as jobs are concerned.
struct Window {
  explicit Window(const std::filesystem::path& project) {
    theme.applyTo(*qobject_cast<QApplication*>(QCoreApplication::instance()));
    opened = document.openProject(project).ok();
    panel.resize(1180, 240);
    strip.resize(1280, 28);
  }
  Theme theme;
  Background background;
  MessageCenter messages;
  ActionRegistry actions;
  Document document{background, messages};
  JobCenter jobs;
  Services services{theme, background, messages, actions, document, jobs};
  JobsPanel panel{services};
  JobsStrip strip{services};
  RunKeeper keeper{services};
  bool opened = false;
};

}  // namespace

class JobsPanelTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void showsWhatRunsAndWhatWaits();
  void aKilledEngineIsToldInPlainWords();
  void theNextWindowFindsTheJobs();
  void reasonsHoldNoPaths();

 private:
  std::filesystem::path at(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  static void picture(QWidget& widget, const char* name) {
    const QString folder = qEnvironmentVariable("CELLWRIGHT_SCREENSHOTS");
    if (!folder.isEmpty()) widget.grab().save(QStringLiteral("%1/%2.png").arg(folder, QLatin1String(name)));
  }
  template <class T>
  static QString text(const QWidget& widget, const char* name) {
    return widget.findChild<T*>(QLatin1String(name))->text();
  }
  QTemporaryDir scratch_;
};

void JobsPanelTest::showsWhatRunsAndWhatWaits() {
  Window window(at("one.cellwright"));
  QVERIFY(window.opened);
  window.panel.show();
  window.strip.show();
  StallWatchdog watchdog;
  const auto first =
      *window.jobs.submit(long_run(at("long")), QStringLiteral("CD14+ Mono → B, delete all"), at("long"));
  QCoreApplication::processEvents();
  (void)window.jobs.submit(small_embedding(at("next")), QStringLiteral("Embedding of 20 cells"), at("next"));
  QCOMPARE(window.panel.currentJob(), first);
  QTRY_VERIFY_WITH_TIMEOUT(text<QLabel>(window.strip, "jobsStripProgress").contains(QLatin1String("left ")), kSoon);
  const QString progress = text<QLabel>(window.strip, "jobsStripProgress");
  QVERIFY2(progress.contains(QLatin1String("passes/s")) && progress.contains(QStringLiteral("±")),
           qPrintable(progress));
  QCOMPARE(text<QToolButton>(window.strip, "jobsStripOpen"), QStringLiteral("1 running, 1 waiting"));
  picture(window.panel, "jobs-panel");
  picture(window.strip, "jobs-strip");
  QTest::mouseClick(window.strip.findChild<QToolButton*>(QStringLiteral("jobsStripCancel")), Qt::LeftButton);
  QTRY_COMPARE_WITH_TIMEOUT(window.jobs.job(first)->phase, JobPhase::kCancelled, kSoon);
  auto* resume = window.panel.findChild<QPushButton*>(QStringLiteral("jobResume"));
  QTRY_VERIFY(resume->isVisible());
  QTRY_VERIFY_WITH_TIMEOUT(has_ended(window.jobs.jobs().last().phase), kSoon);
  QCOMPARE(window.jobs.jobs().last().phase, JobPhase::kDone);
  window.jobs.forget(first);
  QCOMPARE(window.panel.findChild<QTableView*>(QStringLiteral("jobsList"))->model()->rowCount(), 1);
  QVERIFY2(watchdog.longest() < 100.0, qPrintable(QString::number(watchdog.longest())));
}

void JobsPanelTest::aKilledEngineIsToldInPlainWords() {
  Window window(at("two.cellwright"));
  window.panel.show();
  const auto id = *window.jobs.submit(long_run(at("killed")), QStringLiteral("killed"), at("killed"));
  QTRY_VERIFY_WITH_TIMEOUT(window.jobs.job(id)->fraction > 0.0, kSoon);
  ::kill(static_cast<pid_t>(JobFolder::open(at("killed"))->state()->process), SIGKILL);
  QTRY_COMPARE_WITH_TIMEOUT(window.jobs.job(id)->phase, JobPhase::kFailed, kSoon);
  QTRY_VERIFY(text<QLabel>(window.panel, "jobReason").contains(QLatin1String("memory ran out")));
  QVERIFY(text<QLabel>(window.panel, "jobReason").contains(QLatin1String("Resume goes on")));
  picture(window.panel, "jobs-panel-failed");
}

void JobsPanelTest::theNextWindowFindsTheJobs() {
  const auto project = at("three.cellwright");
  QString id;
  {
    Window window(project);
    id = *window.jobs.submit(long_run(at("runs/kept")), QStringLiteral("kept"), at("runs/kept"));
    QTRY_VERIFY_WITH_TIMEOUT(window.jobs.job(id)->fraction > 0.0, kSoon);
    QCOMPARE(window.document.project()->items(QStringLiteral("run")).size(), 1);
  }
  // nobody is there any more who would be told that it ended
  ::kill(static_cast<pid_t>(JobFolder::open(at("runs/kept"))->state()->process), SIGKILL);
  int status = 0;
  QTRY_VERIFY(::waitpid(-1, &status, WNOHANG) != 0);
  Window window(project);
  // the window's parts follow the project that is opened after them
  QVERIFY(window.document.openProject(project).ok());
  QTRY_VERIFY(window.jobs.job(id));
  QCOMPARE(window.jobs.job(id)->phase, JobPhase::kLost);
  QCOMPARE(window.jobs.job(id)->title, QStringLiteral("kept"));
  QCOMPARE(window.messages.log().size(), 1);
  const Message offer = window.messages.log().first();
  QCOMPARE(offer.fixText, QStringLiteral("Resume"));
  offer.fix();
  QTRY_COMPARE_WITH_TIMEOUT(window.jobs.job(id)->phase, JobPhase::kRunning, kSoon);
  window.jobs.cancel(id);
  QTRY_COMPARE_WITH_TIMEOUT(window.jobs.job(id)->phase, JobPhase::kCancelled, kSoon);
}

void JobsPanelTest::reasonsHoldNoPaths() {
  JobRecord job;
  job.phase = JobPhase::kFailed;
  job.error =
      Error{ErrorCode::kOutOfMemory, "E-JOB-009",
            "the engine was killed (signal 9), most often because memory ran out; the log is /x/y.txt; what was "
            "finished is kept: cellwright resume /x"};
  const QString reason = job_reason_text(job);
  QVERIFY(!reason.contains(QLatin1String("/x")));
  QVERIFY(reason.startsWith(QLatin1String("The engine was killed")));
}

}  // namespace cw::ui

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");
  const QTemporaryDir state;
  qputenv("XDG_STATE_HOME", state.path().toUtf8());
  cw::ui::JobsPanelTest test;
  return QTest::qExec(&test, argc, argv);
}

#include "jobs_panel_test.moc"
