// SPDX-License-Identifier: GPL-3.0-or-later
// The workspace of training with an engine that pretends to train: list, curves, comparison, keyboard, figure.
#include "ui/runs/runs_panel.h"

#include "core/jobs/job_spec.h"
#include "tests/support/panel_parts.h"
#include "tests/support/window_services.h"
#include "ui/common/stall_watchdog.h"
#include "ui/runs/curve_chart.h"
#include "ui/runs/curve_view.h"
#include "ui/runs/run_notice.h"
#include "ui/runs/runs_list.h"
#include "ui/runs/runs_model.h"

#include <QImage>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QTabBar>
#include <QTableWidget>
#include <QTextBrowser>
#include <fstream>

namespace cw::ui {
namespace {

constexpr int kSoon = 30'000;

JobSpec pretend(std::int64_t steps, double rate) {
  return new_job("pretrain", {{"steps", steps}, {"learning_rate", rate}, {"preset", "demo"}});
}

}  // namespace

class RunsPanelTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { qputenv("CELLWRIGHT_ENGINE", CW_FAKE_ENGINE); }
  void aProjectWithoutRunsSaysSo();
  void aRunIsWatchedToItsEnd();
  void aStoppedRunGoesOn();
  void tickedRunsAreCompared();
  void whatCameOutIsShown();

 private:
  std::filesystem::path at(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  QTemporaryDir scratch_;
};

void RunsPanelTest::aProjectWithoutRunsSaysSo() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1000, 660);
  panel.show();
  QVERIFY(!part<QWidget>(panel, "runsList")->isVisible());
  QVERIFY(!panel.hasFigure());
  picture(panel, "runs-empty");
  // jobs that train nothing are no runs
  QVERIFY(window.all.jobs.submit(new_job("count", {{"total", 1}}), QStringLiteral("counting"), at("count")));
  QCOMPARE(panel.runs().rowCount(), 0);
}

void RunsPanelTest::aRunIsWatchedToItsEnd() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1000, 660);
  panel.show();
  StallWatchdog watchdog;
  const auto id = window.all.jobs.submit(pretend(60, 1e-3), QStringLiteral("Demo on PBMC"), at("watched"));
  QVERIFY(id);
  QCOMPARE(panel.currentRun(), *id);
  QTRY_VERIFY_WITH_TIMEOUT(panel.hasFigure(), kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kDone, kSoon);
  const auto cell = [&panel](int column) { return panel.runs().index(0, column).data().toString(); };
  QTRY_COMPARE(cell(RunsModel::kState), QStringLiteral("done"));
  QTRY_VERIFY_WITH_TIMEOUT(cell(RunsModel::kLoss).startsWith(QLatin1String("1.3")), kSoon);  // 10 / sqrt(60) + 0.1
  QVERIFY(cell(RunsModel::kProgress).startsWith(QLatin1String("100")));
  QTRY_VERIFY(panel.curves().plot()->curves.front().values.size() == 60);
  QTRY_VERIFY_WITH_TIMEOUT(part<QTextBrowser>(panel, "runLog")->toPlainText().contains(QLatin1String("Done")), kSoon);
  const QString log = part<QTextBrowser>(panel, "runLog")->toPlainText();
  QVERIFY2(log.contains(QLatin1String("Checkpoint at step 60")) && log.contains(QLatin1String("What to do")),
           qPrintable(log));
  QVERIFY2(watchdog.longest() < 100.0, qPrintable(QString::number(watchdog.longest())));

  // exact values by key
  CurveChart& chart = panel.curves().chart();
  chart.setFocus();
  QTest::keyClick(&chart, Qt::Key_End);
  QVERIFY2(chart.reading().contains(QLatin1String("at step 60")), qPrintable(chart.reading()));
  QTest::keyClick(&chart, Qt::Key_Left);
  QVERIFY2(chart.reading().contains(QLatin1String("at step 59")), qPrintable(chart.reading()));
  picture(panel, "runs-panel");
  QTest::keyClick(&chart, Qt::Key_Escape);
  QVERIFY(chart.reading().isEmpty());

  // the figure: text and lines on white
  QImage page(600, 420, QImage::Format_RGB32);
  page.fill(Qt::white);
  QPainter painter(&page);
  panel.figure()(painter, {600.0, 420.0, 12.0});
  painter.end();
  QSet<QRgb> colors;
  for (int y = 0; y < page.height(); ++y) {
    for (int x = 0; x < page.width(); ++x) colors << page.pixel(x, y);
  }
  QVERIFY(colors.size() > 20);
  QCOMPARE(panel.figureData()->num_rows(), std::int64_t{72});
  if (const QString folder = qEnvironmentVariable("CELLWRIGHT_SCREENSHOTS"); !folder.isEmpty()) {
    page.save(folder + QStringLiteral("/runs-figure.png"));
  }
}

void RunsPanelTest::aStoppedRunGoesOn() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1000, 660);
  panel.show();
  const auto id = window.all.jobs.submit(pretend(2000, 1e-3), QStringLiteral("long"), at("stopped"));
  QTRY_VERIFY_WITH_TIMEOUT(window.all.jobs.job(*id)->fraction > 0.0, kSoon);
  QVERIFY(!part<QPushButton>(panel, "runRemove")->isVisible());
  QTest::mouseClick(part<QPushButton>(panel, "runStop"), Qt::LeftButton);
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kCancelled, kSoon);
  QTRY_VERIFY(part<QPushButton>(panel, "runResume")->isVisible());
  QVERIFY(part<QLabel>(panel, "runReason")->text().contains(QLatin1String("Resume")));
  window.all.actions.find(QStringLiteral("runs.resume"))->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kRunning, kSoon);
  window.all.actions.find(QStringLiteral("runs.stop"))->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kCancelled, kSoon);
  QTest::mouseClick(part<QPushButton>(panel, "runRemove"), Qt::LeftButton);
  QCOMPARE(panel.runs().rowCount(), 0);
  QVERIFY(std::filesystem::exists(at("stopped") / "events.jsonl"));
}

void RunsPanelTest::tickedRunsAreCompared() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1000, 660);
  panel.show();
  const auto first = window.all.jobs.submit(pretend(20, 1e-3), QStringLiteral("slow rate"), at("one"));
  const auto second = window.all.jobs.submit(pretend(30, 5e-3), QStringLiteral("fast rate"), at("two"));
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*second)->phase, JobPhase::kDone, kSoon);
  // by key: Space ticks the current run
  auto* list = part<RunsList>(panel, "runsList");
  panel.setCurrentRun(*first);
  QTest::keyClick(list, Qt::Key_Space);
  QTest::keyClick(list, Qt::Key_Up);
  QCOMPARE(panel.currentRun(), *second);
  QTest::keyClick(list, Qt::Key_Space);
  QCOMPARE(panel.runs().ticked(), (QStringList{*first, *second}));
  QVERIFY(panel.runs().colorOf(*first) != panel.runs().colorOf(*second));
  QTRY_COMPARE_WITH_TIMEOUT(panel.curves().plot() ? panel.curves().plot()->curves.size() : 0, std::size_t{4}, kSoon);
  CurveSettings settings = panel.curves().settings();
  settings.logarithmic = true;
  panel.curves().setSettings(settings);
  const QByteArray view = panel.saveView();
  QTRY_VERIFY(panel.curves().plot()->settings.logarithmic);
  picture(panel, "runs-compared");
  window.theme.setMode(Theme::Mode::kDark);
  QTest::qWait(100);
  picture(panel, "runs-compared-dark");
  window.theme.setMode(Theme::Mode::kLight);
  // only what differs
  auto* differences = part<QTableWidget>(panel, "runDifferences");
  QTRY_COMPARE_WITH_TIMEOUT(differences->rowCount(), 4, kSoon);  // and two figures
  QStringList settings_that_differ;
  for (int row = 0; row < 2; ++row) settings_that_differ << differences->item(row, 0)->text();
  QCOMPARE(settings_that_differ, (QStringList{QStringLiteral("Steps"), QStringLiteral("Learning rate")}));
  QCOMPARE(differences->item(1, 2)->text(), QStringLiteral("0.005"));
  // a view that reopens
  panel.runs().setTicked(*first, false);
  panel.runs().setTicked(*second, false);
  settings.logarithmic = false;
  panel.curves().setSettings(settings);
  panel.restoreView(view);
  QCOMPARE(panel.runs().ticked(), (QStringList{*first, *second}));
  QVERIFY(panel.curves().settings().logarithmic);
}

void RunsPanelTest::whatCameOutIsShown() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1000, 660);
  panel.show();
  const auto folder = at("outcome");
  std::filesystem::create_directories(folder / "checkpoints" / "step-000000000040");
  std::filesystem::create_directories(folder / "checkpoints" / "step-000000000050.partial");
  std::ofstream(folder / "checkpoints" / "step-000000000040" / "state.json") << R"({"state":{"best_step":20}})";
  std::ofstream(folder / "predictions.csv") << "cell,true,predicted\na,B,B\nb,B,T\nc,T,T\nd,T,T\n";
  std::ofstream(folder / "evaluation.json")
      << R"({"verdict":"No better than logistic regression.","models":[)"
      << R"({"model":"fine-tuned","features":"tokens","metrics":{"macro_f1":{"value":0.75,"low":0.5,"high":1.0},)"
      << R"("accuracy":{"value":0.75}}},{"model":"majority","features":"","metrics":{}}]})";
  const auto id = window.all.jobs.submit(pretend(5, 1e-3), QStringLiteral("classes"), folder);
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kDone, kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(part<QTableWidget>(panel, "runComparison")->rowCount(), 2, kSoon);
  QCOMPARE(part<QLabel>(panel, "runVerdict")->text(), QStringLiteral("No better than logistic regression."));
  QCOMPARE(part<QTableWidget>(panel, "runComparison")->item(0, 1)->text(), QStringLiteral("0.75 (0.50–1.00)"));
  const auto* confusion = part<QTableWidget>(panel, "runConfusion");
  QCOMPARE(confusion->item(0, 1)->text(), QStringLiteral("1"));
  QCOMPARE(confusion->item(1, 0)->text(), QString());
  QCOMPARE(confusion->item(1, 1)->text(), QStringLiteral("2"));
  const auto* checkpoints = part<QTableWidget>(panel, "runCheckpoints");
  QCOMPARE(checkpoints->rowCount(), 1);  // what is being written is none yet
  QCOMPARE(checkpoints->item(0, 0)->text(), QStringLiteral("40"));
  QVERIFY(!part<QPushButton>(panel, "runUseModel")->isEnabled());
  part<QTabBar>(panel, "runTabs")->setCurrentIndex(2);
  picture(panel, "runs-outcome");
  const RunNotice::Words words = RunNotice::wordsFor(window.all.jobs, *id);
  QCOMPARE(words.title, QStringLiteral("Training is done"));
  QCOMPARE(words.text, QStringLiteral("classes"));
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::RunsPanelTest)
#include "runs_panel_test.moc"
