// SPDX-License-Identifier: GPL-3.0-or-later
// A project with a long history: its runs are on the lists soon, and the window never waits for their files.
// CELLWRIGHT_HISTORY_RUNS=10000 measures the goal: 10,000 runs and 1,000,000 events in less than a second.
#include "core/jobs/job_spec.h"
#include "tests/support/window_services.h"
#include "ui/common/stall_watchdog.h"
#include "ui/jobs_strip/jobs_panel.h"
#include "ui/jobs_strip/jobs_strip.h"
#include "ui/jobs_strip/run_keeper.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/runs_panel.h"

#include <QElapsedTimer>
#include <QTableView>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace cw::ui {
namespace {

constexpr int kSoon = 60'000;
constexpr int kEvents = 100;  // of each run

std::string event(int number, const char* type, const std::string& fields) {
  char line[256];
  std::snprintf(line, sizeof line,
                R"({"seq":%d,"time":"2026-11-21T23:%02d:%02d.544Z","type":"%s"%s})"
                "\n",
                number, number / 60 % 60, number % 60, type, fields.c_str());
  return line;
}

// The log of a run that ended: two figures for each position of the bar.
std::string log_of_run() {
  std::string text = event(1, "started", "");
  for (int i = 2; i < kEvents; ++i) {
    const std::string number = std::to_string(i);
    text += i % 3 == 0
                ? event(i, "progress",
                        R"(,"phase":"Training","unit":"steps","done":)" + number + R"(,"total":100,"fraction":0.5)")
                : event(i, "metric", R"(,"name":"loss","step":)" + number + R"(,"value":)" + std::to_string(1.0 / i));
  }
  return text + event(kEvents, "finished", "");
}

}  // namespace

class HistoryTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aLongHistoryOpensWithoutHoldingUpTheWindow();
};

void HistoryTest::aLongHistoryOpensWithoutHoldingUpTheWindow() {
  bool given = false;
  const int wanted = qEnvironmentVariableIntValue("CELLWRIGHT_HISTORY_RUNS", &given);
  const int runs = given ? wanted : 2000;
  qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");  // beside it lies what looks at machines
  const QTemporaryDir scratch;
  WindowServices window;
  Services& services = window.all;
  const std::filesystem::path project = (scratch.path() + QStringLiteral("/long.cellwright")).toStdString();
  auto store = std::move(ProjectStore::open(project)).value();
  const std::string log = log_of_run();
  const std::string state =
      Json{{"state", "done"}, {"process", 0},   {"process_started", ""},   {"updated", "2026-11-21T23:02:00.000Z"},
           {"progress", 1.0}, {"exit_code", 0}, {"result", {{"steps", 5}}}}
          .dump(2);
  for (int i = 0; i < runs; ++i) {
    const JobSpec spec = new_job("pretrain", {{"steps", i}});
    const std::string name = "runs/run-" + std::to_string(i);
    std::filesystem::create_directories(project / name);
    // as JobFolder writes them, but without waiting for the disk
    std::ofstream(project / name / "spec.json") << to_json(spec).dump(2);
    std::ofstream(project / name / "state.json") << state;
    std::ofstream(project / name / "events.jsonl") << log;
    store->put({.kind = QStringLiteral("run"),
                .id = QString::fromStdString(spec.id),
                .name = QStringLiteral("Run %1").arg(i),
                .body = {{"folder", name}, {"job", "pretrain"}},
                .position = i});
  }
  store.reset();
  std::filesystem::remove_all(project / "runs/run-0");  // thrown away by its owner
  std::ofstream(project / "runs/run-1/state.json") << "damaged";

  RunsPanel panel(services);
  JobsPanel jobs(services);
  JobsStrip strip(services);
  RunKeeper keeper(services);
  for (QWidget* widget : {static_cast<QWidget*>(&panel), static_cast<QWidget*>(&jobs), static_cast<QWidget*>(&strip)}) {
    widget->show();
  }
  QVERIFY(window.settle());
  StallWatchdog watchdog;
  QElapsedTimer clock;
  clock.start();
  const std::clock_t before = std::clock();
  QVERIFY(services.document.openProject(project).ok());
  QTRY_COMPARE_WITH_TIMEOUT(panel.runs().rowCount(), runs - 2, kSoon);
  const qint64 listed = clock.elapsed();
  const auto loss = [&panel](int row) { return panel.runs().index(row, RunsModel::kLoss).data().toString(); };
  QTRY_VERIFY_WITH_TIMEOUT(loss(runs - 3).startsWith(QLatin1String("0.01")), kSoon);
  const qint64 whole = clock.elapsed();
  const auto processors = 1000.0 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  std::printf(
      "%d runs, %d events: listed after %lld ms, with their figures after %lld ms (%.0f ms of processors), "
      "longest stall %.0f ms\n",
      runs, runs * kEvents, static_cast<long long>(listed), static_cast<long long>(whole), processors,
      watchdog.longest());
  QVERIFY2(watchdog.longest() < 100.0, qPrintable(QString::number(watchdog.longest())));

  // newest first, with what its log said
  QCOMPARE(panel.runs().index(0, RunsModel::kRun).data().toString(), QStringLiteral("Run %1").arg(runs - 1));
  const JobRecord* newest = services.jobs.job(panel.runs().idAt(0));
  QCOMPARE(newest->log, (QStringList{QStringLiteral("Started"), QStringLiteral("Training"), QStringLiteral("Done")}));
  QCOMPARE(newest->started.toUTC().time(), QTime(23, 0, 1, 544));
  QCOMPARE(services.messages.log().size(), 1);  // of the damaged one
  QVERIFY(services.messages.log().first().text.contains(QLatin1String("damaged")) ||
          services.messages.log().first().title.contains(QLatin1String("damaged")));
  QCOMPARE(services.document.project()->items(QStringLiteral("run")).size(), runs);
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::HistoryTest)
#include "history_test.moc"
