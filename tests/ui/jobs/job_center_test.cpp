// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs of the window with the real engine on the bundled data. Run with "--submit FOLDER" this program is a window that
// starts a job and goes away.
#include "ui/jobs/job_center.h"

#include "tests/support/example_jobs.h"
#include "ui/common/stall_watchdog.h"

#include <QCoreApplication>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

namespace cw::ui {
namespace {

constexpr int kSoon = 30'000;

}  // namespace

class JobCenterTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { watchdog_ = std::make_unique<StallWatchdog>(); }
  void cleanup() { QVERIFY2(watchdog_->longest() < 100.0, qPrintable(QString::number(watchdog_->longest()))); }
  void aJobRunsToItsEndAndHasItsResult();
  void jobsRunOneAfterTheOtherInTheOrderAsked();
  void aWaitingJobIsTakenOut();
  void cancelKeepsWhatIsDoneAndResumeGoesOn();
  void aKilledEngineIsReportedWithItsReason();
  void aBadSpecificationFailsWithTheReason();
  void aJobLivesOnWithoutItsWindow();
  void anEngineKilledWhileNobodyLookedIsInterrupted();

 private:
  std::filesystem::path folder(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  static QString attach(JobCenter& center, const std::filesystem::path& at) {
    auto found = find_job_record(at, QStringLiteral("found"));
    if (!found) return {};
    const QString id = found->record.id;
    std::vector<FoundJob> all;
    all.push_back(std::move(found).value());
    center.attach(std::move(all));
    return id;
  }
  static JobPhase phase(const JobCenter& center, const QString& id) { return center.job(id)->phase; }
  static std::int64_t engine_of(const std::filesystem::path& folder) {
    return JobFolder::open(folder)->state()->process;
  }
  void submit_from_elsewhere(const std::filesystem::path& folder);

  QTemporaryDir scratch_;
  std::unique_ptr<StallWatchdog> watchdog_;
};

void JobCenterTest::aJobRunsToItsEndAndHasItsResult() {
  JobCenter center;
  QSignalSpy ended(&center, &JobCenter::ended);
  QSignalSpy events(&center, &JobCenter::logged);
  const auto at = folder("one");
  const auto id = center.submit(small_embedding(at), QStringLiteral("twenty cells"), at);
  QVERIFY(id.ok());
  QCOMPARE(phase(center, *id), JobPhase::kRunning);
  QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kSoon);
  const JobRecord* job = center.job(*id);
  QCOMPARE(job->phase, JobPhase::kDone);
  QCOMPARE(job->fraction, 1.0);
  QCOMPARE(job->result.at("cells").get<int>(), 20);
  QVERIFY(job->log.contains(QStringLiteral("Embedding cells")));
  QVERIFY(job->ended >= job->started);
  QStringList types;
  for (const auto& one : events) types << QString::fromStdString(one[1].value<Json>().value("type", ""));
  QCOMPARE(types.first(), QStringLiteral("started"));
  QCOMPARE(types.last(), QStringLiteral("finished"));
  center.forget(*id);
  QVERIFY(center.jobs().isEmpty());
  QVERIFY(std::filesystem::exists(at / "cells.h5ad"));
}

void JobCenterTest::jobsRunOneAfterTheOtherInTheOrderAsked() {
  JobCenter center;
  QSignalSpy ended(&center, &JobCenter::ended);
  QStringList ids;
  for (const char* name : {"q1", "q2", "q3"}) {
    const auto at = folder(name);
    ids << *center.submit(small_embedding(at), QString::fromLatin1(name), at);
    QCoreApplication::processEvents();
  }
  QCOMPARE(phase(center, ids[0]), JobPhase::kRunning);
  QCOMPARE(phase(center, ids[1]), JobPhase::kQueued);
  center.move(ids[2], ids[1]);
  QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 3, kSoon);
  QCOMPARE(ended[0][0].toString(), ids[0]);
  QCOMPARE(ended[1][0].toString(), ids[2]);
  QCOMPARE(ended[2][0].toString(), ids[1]);
  for (const QString& id : ids) QCOMPARE(phase(center, id), JobPhase::kDone);
}

void JobCenterTest::aWaitingJobIsTakenOut() {
  JobCenter center;
  QSignalSpy ended(&center, &JobCenter::ended);
  const auto first = *center.submit(small_embedding(folder("w1")), {}, folder("w1"));
  QCoreApplication::processEvents();
  const auto second = *center.submit(small_embedding(folder("w2")), {}, folder("w2"));
  center.cancel(second);
  QCOMPARE(phase(center, second), JobPhase::kCancelled);
  QCOMPARE(ended.size(), 1);
  QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 2, kSoon);
  QVERIFY(!std::filesystem::exists(folder("w2") / "cells.h5ad"));
  QVERIFY(center.resume(second).ok());
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, second), JobPhase::kDone, kSoon);
  Q_UNUSED(first)
}

void JobCenterTest::cancelKeepsWhatIsDoneAndResumeGoesOn() {
  JobCenter center;
  const auto at = folder("long");
  const auto id = *center.submit(long_run(at), QStringLiteral("long"), at);
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->phaseText == QLatin1String("Perturbing") && center.job(id)->fraction > 0.0,
                           kSoon);
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->secondsLeft > 0.0 && center.job(id)->secondsLeftError > 0.0, kSoon);
  QElapsedTimer timer;
  timer.start();
  center.cancel(id);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kCancelled, kSoon);
  qInfo("cancel to stopped: %lld ms", timer.elapsed());
  const double kept = center.job(id)->fraction;
  QVERIFY(center.resume(id).ok());
  QTRY_VERIFY_WITH_TIMEOUT(phase(center, id) == JobPhase::kRunning && center.job(id)->log.contains("Went on"), kSoon);
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->phaseText == QLatin1String("Perturbing"), kSoon);
  QVERIFY2(center.job(id)->fraction > 0.5 * kept, "began anew");
  center.cancel(id);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kCancelled, kSoon);
}

void JobCenterTest::aKilledEngineIsReportedWithItsReason() {
  JobCenter center;
  QSignalSpy ended(&center, &JobCenter::ended);
  const auto at = folder("killed");
  const auto id = *center.submit(long_run(at), QStringLiteral("killed"), at);
  const auto next = *center.submit(small_embedding(folder("after")), {}, folder("after"));
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->fraction > 0.0, kSoon);
  QVERIFY(engine_of(at) > 0);
  ::kill(static_cast<pid_t>(engine_of(at)), SIGKILL);
  QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kSoon);
  QCOMPARE(phase(center, id), JobPhase::kFailed);
  QCOMPARE(QString::fromStdString(center.job(id)->error->id), QStringLiteral("E-JOB-009"));
  QVERIFY(QString::fromStdString(center.job(id)->error->message).contains(QLatin1String("killed")));
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, next), JobPhase::kDone, kSoon);  // the queue goes on
  QVERIFY(center.resume(id).ok());
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->log.contains("Went on"), kSoon);
  QVERIFY(!center.job(id)->error);
  center.cancel(id);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kCancelled, kSoon);
}

void JobCenterTest::aBadSpecificationFailsWithTheReason() {
  JobCenter center;
  QSignalSpy ended(&center, &JobCenter::ended);
  const auto at = folder("bad");
  JobSpec spec = small_embedding(at);
  spec.options["input"] = "/nowhere/cells.h5ad";
  const auto id = *center.submit(spec, {}, at);
  QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kSoon);
  QCOMPARE(phase(center, id), JobPhase::kFailed);
  QVERIFY(QString::fromStdString(center.job(id)->error->message).contains(QLatin1String("/nowhere/cells.h5ad")));
}

void JobCenterTest::submit_from_elsewhere(const std::filesystem::path& at) {
  QProcess other;
  other.start(QCoreApplication::applicationFilePath(),
              {QStringLiteral("--submit"), QString::fromStdString(at.string())});
  QEventLoop loop;
  connect(&other, &QProcess::finished, &loop, &QEventLoop::quit);
  loop.exec();
  QCOMPARE(other.exitCode(), 0);
}

void JobCenterTest::aJobLivesOnWithoutItsWindow() {
  const auto at = folder("orphan");
  submit_from_elsewhere(at);
  JobCenter center;
  const QString id = attach(center, at);
  QCOMPARE(phase(center, id), JobPhase::kRunning);
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->phaseText == QLatin1String("Perturbing"), kSoon);
  const double before = center.job(id)->fraction;
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->fraction > before, kSoon);
  center.cancel(id);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kCancelled, kSoon);
}

void JobCenterTest::anEngineKilledWhileNobodyLookedIsInterrupted() {
  const auto at = folder("lost");
  submit_from_elsewhere(at);
  const std::int64_t engine = engine_of(at);
  QVERIFY(engine > 0);
  ::kill(static_cast<pid_t>(engine), SIGKILL);
  QTRY_COMPARE(JobFolder::open(at)->state()->phase, JobPhase::kLost);
  JobCenter center;
  const QString id = attach(center, at);
  QCOMPARE(phase(center, id), JobPhase::kLost);
  QVERIFY(center.resume(id).ok());
  QTRY_VERIFY_WITH_TIMEOUT(phase(center, id) == JobPhase::kRunning && center.job(id)->fraction > 0.0, kSoon);
  center.cancel(id);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kCancelled, kSoon);
}

// A window that goes away as soon as its job computes.
int submit_and_leave(const QString& folder) {
  JobCenter center;
  const std::filesystem::path at = folder.toStdString();
  const auto id = center.submit(long_run(at), QStringLiteral("orphan"), at);
  if (!id) return 1;
  const bool computing = QTest::qWaitFor([&] { return center.job(*id)->fraction > 0.0; }, kSoon);
  return computing ? 0 : 1;
}

}  // namespace cw::ui

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");
  const QStringList arguments = QCoreApplication::arguments();
  if (arguments.value(1) == QLatin1String("--submit")) return cw::ui::submit_and_leave(arguments.value(2));
  const QTemporaryDir state;
  qputenv("XDG_STATE_HOME", state.path().toUtf8());
  cw::ui::JobCenterTest test;
  return QTest::qExec(&test, argc, argv);
}

#include "job_center_test.moc"
