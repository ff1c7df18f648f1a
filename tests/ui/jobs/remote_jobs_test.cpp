// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs of the window on another machine: this one, reached by a real sshd, with the real engine; and what goes wrong on
// the way.
#include "core/machines/machine_list.h"
#include "tests/support/example_jobs.h"
#include "tests/support/loopback_ssh.h"
#include "ui/common/stall_watchdog.h"
#include "ui/jobs/job_center.h"
#include "ui/jobs/job_error_text.h"
#include "ui/jobs_strip/job_text.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

namespace cw::ui {
namespace {

constexpr int kSoon = 120'000;
constexpr int kInTime = 2'000;  // ms that a window may be behind
using State = JobLine::State;

/// A window that is open; closing it may wait for its lines.
class Window {
 public:
  explicit Window(double& longest) : longest_(longest) {}
  ~Window() { longest_ = std::max(longest_, watchdog_.longest()); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

 private:
  double& longest_;
  StallWatchdog watchdog_;
};

}  // namespace

class RemoteJobsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase();
  void init() { longest_ = 0.0; }
  void cleanup() { QVERIFY2(longest_ < 100.0, qPrintable(QString::number(longest_))); }
  void aJobThereIsLikeOneHere();
  void aCutIsShownAndSoIsItsEnd();
  void twoWindowsFollowOneJob();
  void aWindowThatClosesWhileItSendsLosesNothing();
  void anUnknownKeyIsNotAccepted();
  void aFullDiskHereIsToldAndTheResultsAreFetchedLater();
  void aMachineThatIsTakenOffTheListIsMissed();
  void aClockThatIsWrongThereIsNotBelieved_data();
  void aClockThatIsWrongThereIsNotBelieved();
  void aJobWaitsForWhatItReads();

 private:
  std::filesystem::path folder(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  static JobPlace far() { return {*find_machine("far"), {}}; }
  QString submitThere(JobCenter& center, const JobSpec& spec, const std::filesystem::path& at) {
    const auto id = center.submit(spec, QStringLiteral("far away"), at, far());
    return id ? *id : QString();
  }
  static QString attach(JobCenter& center, const std::filesystem::path& at) {
    auto found = find_job_record(at, QStringLiteral("found"));
    if (!found) return {};
    const QString id = found->record.id;
    std::vector<FoundJob> all;
    all.push_back(std::move(found).value());
    center.attach(std::move(all));
    return id;
  }
  static State line(const JobCenter& center, const QString& id) { return center.job(id)->line.state; }
  static JobPhase phase(const JobCenter& center, const QString& id) { return center.job(id)->phase; }
  static bool works(const JobCenter& center, const QString& id) {
    const JobRecord& job = *center.job(id);
    return job.line.state == State::kThere && job.phaseText == QLatin1String("Perturbing") && job.fraction > 0.0;
  }
  void stopAndWait(JobCenter& center, const QString& id) {
    center.cancel(id);
    QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kCancelled, kSoon);
  }

  QTemporaryDir scratch_;
  std::unique_ptr<LoopbackSsh> ssh_;
  double longest_ = 0.0;  // stall of the window's thread in this test, ms
};

void RemoteJobsTest::initTestCase() {
  qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");
  qputenv("XDG_STATE_HOME", scratch_.filePath(QStringLiteral("state")).toUtf8());
  qputenv("XDG_CONFIG_HOME", scratch_.filePath(QStringLiteral("config")).toUtf8());
  qputenv("XDG_CACHE_HOME", CW_BUILD_DIR "/cache");  // half a gigabyte is packed once per build, not per test
  ssh_ = std::make_unique<LoopbackSsh>(folder("ssh"));
  ssh_->start();
  QVERIFY(!::testing::Test::HasFatalFailure());
  Machine machine;
  machine.name = "far";
  machine.kind = MachineKind::kSsh;
  machine.host = "loop";
  machine.folder = folder("root folder").string();
  QVERIFY(add_machine(machine, false).ok());
}

void RemoteJobsTest::aJobThereIsLikeOneHere() {
  JobCenter center;
  const Window window(longest_);
  QSignalSpy ended(&center, &JobCenter::ended);
  QSignalSpy events(&center, &JobCenter::logged);
  QStringList shown;
  connect(&center, &JobCenter::changed, this, [&](const QString& id) {
    const QString text = job_progress_text(*center.job(id));
    if (shown.isEmpty() || shown.last() != text) shown << text;
  });
  const auto at = folder("one");
  const QString id = submitThere(center, small_embedding(at), at);
  QCOMPARE(job_place_text(*center.job(id)), QStringLiteral("far"));
  QCOMPARE(job_state_text(*center.job(id)), QStringLiteral("sending"));
  QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kSoon);
  const JobRecord* job = center.job(id);
  QVERIFY2(job->phase == JobPhase::kDone, qPrintable(job_reason_text(*job)));
  QCOMPARE(job->result.at("cells").get<int>(), 20);
  QCOMPARE(job->result.at("output").get<std::string>(), (at / "cells.h5ad").string());
  QVERIFY(std::filesystem::exists(at / "cells.h5ad"));
  QCOMPARE(job->line.state, State::kNone);
  QStringList types;
  for (const auto& one : events) types << QString::fromStdString(one[1].value<Json>().value("type", ""));
  QCOMPARE(types.first(), QStringLiteral("started"));
  QCOMPARE(types.last(), QStringLiteral("finished"));
  const QString all = shown.join(QLatin1Char('\n'));
  QVERIFY2(all.contains(QLatin1String("sending to far: ")), qPrintable(all));
  QVERIFY2(all.contains(QLatin1String("fetching the results")), qPrintable(all));
}

void RemoteJobsTest::aCutIsShownAndSoIsItsEnd() {
  JobCenter center;
  const Window window(longest_);
  const auto at = folder("cut");
  const QString id = submitThere(center, long_run(at), at);
  QTRY_VERIFY_WITH_TIMEOUT(works(center, id), kSoon);
  QVERIFY(job_progress_text(*center.job(id)).contains(QLatin1Char('%')));
  ssh_->stop();
  QTRY_COMPARE_WITH_TIMEOUT(line(center, id), State::kCut, kSoon);
  QCOMPARE(phase(center, id), JobPhase::kRunning);
  const QString text = job_progress_text(*center.job(id));
  QVERIFY2(text.startsWith(QLatin1String("no connection to far since ")), qPrintable(text));
  QVERIFY2(text.endsWith(QLatin1String("; the run goes on there")), qPrintable(text));
  QCOMPARE(job_time_left_text(*center.job(id)), QString());
  const double before = center.job(id)->fraction;
  ssh_->serve({});
  QTRY_COMPARE_WITH_TIMEOUT(line(center, id), State::kThere, kSoon);
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->fraction > before, kSoon);  // it went on meanwhile
  stopAndWait(center, id);
  const double kept = center.job(id)->fraction;
  QVERIFY(center.resume(id).ok());
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->log.contains("Went on") && works(center, id), kSoon);
  QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->fraction > 0.5 * kept, kSoon);
  stopAndWait(center, id);
}

void RemoteJobsTest::twoWindowsFollowOneJob() {
  const auto at = folder("shared");
  JobCenter one;
  JobCenter two;
  const Window window(longest_);
  const QString id = submitThere(one, long_run(at), at);
  QTRY_VERIFY_WITH_TIMEOUT(works(one, id), kSoon);
  QCOMPARE(attach(two, at), id);
  QTRY_VERIFY_WITH_TIMEOUT(works(two, id), kSoon);
  const double before = two.job(id)->fraction;
  QTRY_VERIFY_WITH_TIMEOUT(two.job(id)->fraction > before, kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(one.job(id)->fraction, two.job(id)->fraction, kInTime);
  two.cancel(id);  // by the window that does not talk to the machine
  QTRY_COMPARE_WITH_TIMEOUT(phase(two, id), JobPhase::kCancelled, kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(phase(one, id), JobPhase::kCancelled, kInTime);
}

// Another window has the job in view meanwhile: it does not send as well, but goes on when the first one is closed.
void RemoteJobsTest::aWindowThatClosesWhileItSendsLosesNothing() {
  const auto at = folder("closed");
  const QByteArray ssh = qgetenv("CELLWRIGHT_SSH");
  const std::string slow = ssh_->at("slow-ssh");
  std::ofstream(slow) << "#!/bin/sh\n[ \"$1\" = -G ] || sleep 3\nexec '" << ssh.toStdString() << "' \"$@\"\n";
  std::filesystem::permissions(slow, std::filesystem::perms::owner_all);
  qputenv("CELLWRIGHT_SSH", QByteArray::fromStdString(slow));
  JobCenter other;
  QString id;
  {
    JobCenter center;
    const Window window(longest_);
    id = submitThere(center, small_embedding(at), at);
    QTest::qWait(500);
    QCOMPARE(attach(other, at), id);
    QTest::qWait(500);
    QCOMPARE(line(center, id), State::kSending);
    QCOMPARE(line(other, id), State::kSending);
  }
  QVERIFY(!has_ended(phase(other, id)));
  qputenv("CELLWRIGHT_SSH", ssh);
  QTRY_COMPARE_WITH_TIMEOUT(phase(other, id), JobPhase::kDone, kSoon);
  QVERIFY(std::filesystem::exists(at / "cells.h5ad"));
  QCOMPARE(other.job(id)->log.count(QStringLiteral("Started")), 1);
}

void RemoteJobsTest::anUnknownKeyIsNotAccepted() {
  const auto at = folder("key");
  ssh_->serve({});  // no connection that was made before
  ssh_->forget_host_key();
  JobCenter center;
  const Window window(longest_);
  const QString id = submitThere(center, small_embedding(at), at);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kFailed, kSoon);
  const QString why = job_reason_text(*center.job(id));
  QVERIFY2(why.contains(QLatin1String("never accepted the key")) && why.contains(QLatin1String("E-MCH-014")),
           qPrintable(why));
  QVERIFY2(!why.contains(QLatin1String("cellwright ")), qPrintable(why));
  QVERIFY(!std::filesystem::exists(ssh_->at("known_hosts")));
  ssh_->know_host_key();
  QVERIFY(center.resume(id).ok());
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kDone, kSoon);
}

// A file stands where a folder of the results belongs: as good as a full disk, and possible in a test.
void RemoteJobsTest::aFullDiskHereIsToldAndTheResultsAreFetchedLater() {
  JobCenter center;
  const Window window(longest_);
  const auto at = folder("full");
  const QString id = submitThere(center, small_embedding(at), at);
  QTRY_COMPARE_WITH_TIMEOUT(line(center, id), State::kSending, kSoon);
  std::filesystem::create_directories(at / "cells.h5ad");  // cannot be replaced by a file
  std::filesystem::create_directories(at / "cells.h5ad" / "in the way");
  QTRY_COMPARE_WITH_TIMEOUT(line(center, id), State::kApart, kSoon);
  QCOMPARE(phase(center, id), JobPhase::kRunning);  // it is not done before its results are here
  QCOMPARE(job_state_text(*center.job(id)), QStringLiteral("not followed"));
  QVERIFY(job_reason_text(*center.job(id)).contains(QLatin1String("cells.h5ad")));
  std::filesystem::remove_all(at / "cells.h5ad");
  QVERIFY(center.resume(id).ok());
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, id), JobPhase::kDone, kSoon);
  QVERIFY(std::filesystem::is_regular_file(at / "cells.h5ad"));
}

void RemoteJobsTest::aMachineThatIsTakenOffTheListIsMissed() {
  const auto at = folder("unlisted");
  const Machine machine = far().machine;
  {
    JobCenter center;
    const Window window(longest_);
    const QString id = submitThere(center, long_run(at), at);
    QTRY_VERIFY_WITH_TIMEOUT(works(center, id), kSoon);
  }
  QVERIFY(remove_machine("far").ok());
  JobCenter center;
  const Window window(longest_);
  const QString id = attach(center, at);
  QTRY_COMPARE_WITH_TIMEOUT(line(center, id), State::kApart, kSoon);
  const QString why = job_reason_text(*center.job(id));
  QVERIFY2(why.contains(QLatin1String("E-MCH-002")) && !why.contains(QLatin1String("cellwright ")), qPrintable(why));
  QVERIFY(add_machine(machine, false).ok());
  QVERIFY(center.resume(id).ok());
  QTRY_COMPARE_WITH_TIMEOUT(line(center, id), State::kThere, kSoon);
  stopAndWait(center, id);
}

void RemoteJobsTest::aClockThatIsWrongThereIsNotBelieved_data() {
  QTest::addColumn<int>("ahead");
  QTest::newRow("two days ahead") << 172'800;
  QTest::newRow("two days behind") << -172'800;
}

void RemoteJobsTest::aClockThatIsWrongThereIsNotBelieved() {
  QFETCH(int, ahead);
  const auto at = folder(ahead > 0 ? "ahead" : "behind");
  ssh_->serve({{"LD_PRELOAD", CW_SHIFTED_CLOCK_LIBRARY},
               {"CW_CLOCK_AHEAD", std::to_string(ahead)},
               {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
  const QDateTime before = QDateTime::currentDateTime().addSecs(-2);
  {
    JobCenter center;
    const Window window(longest_);
    const QString id = submitThere(center, long_run(at), at);
    QTRY_VERIFY_WITH_TIMEOUT(center.job(id)->secondsLeft > 0.0, kSoon);
    const JobRecord* job = center.job(id);
    QVERIFY2(job->secondsLeft < 7200.0, qPrintable(QString::number(job->secondsLeft)));
    QVERIFY(job->rate > 0.0);
    QVERIFY(job->started >= before && job->started <= QDateTime::currentDateTime());
    stopAndWait(center, id);
    QVERIFY(center.job(id)->ended >= before && center.job(id)->ended <= QDateTime::currentDateTime());
  }
  JobCenter next;  // and so it is when the job is found again
  const QString id = attach(next, at);
  const JobRecord* job = next.job(id);
  QVERIFY(job->started >= before && job->started <= QDateTime::currentDateTime());
  QVERIFY(job->ended >= job->started && job->ended <= QDateTime::currentDateTime());
  ssh_->serve({});
}

void RemoteJobsTest::aJobWaitsForWhatItReads() {
  JobCenter center;
  const Window window(longest_);
  const auto first = folder("maker");
  const auto second = folder("reader");
  const QString maker = *center.submit(small_embedding(first), QStringLiteral("the maker"), first);
  JobSpec reads = small_embedding(second);
  reads.options["input"] = (first / "cells.h5ad").string();
  const QString reader = submitThere(center, reads, second);
  QCOMPARE(phase(center, maker), JobPhase::kRunning);
  QCOMPARE(phase(center, reader), JobPhase::kQueued);
  center.cancel(maker);
  QTRY_VERIFY_WITH_TIMEOUT(has_ended(phase(center, maker)), kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, reader), JobPhase::kFailed, kSoon);
  QCOMPARE(QString::fromStdString(center.job(reader)->error->id), QStringLiteral("E-UI-032"));
  QVERIFY(center.resume(maker).ok());
  QVERIFY(center.resume(reader).ok());
  QCOMPARE(phase(center, reader), JobPhase::kQueued);
  QTRY_COMPARE_WITH_TIMEOUT(phase(center, maker), JobPhase::kDone, kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(line(center, reader), State::kSending, kSoon);
  stopAndWait(center, reader);
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::RemoteJobsTest)
#include "remote_jobs_test.moc"
