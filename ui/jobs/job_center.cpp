// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_center.h"

#include "core/jobs/event_log.h"
#include "core/jobs/job_history.h"
#include "core/jobs/local_launch.h"

#include <QMetaObject>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <thread>

namespace cw::ui {
namespace {

constexpr int kLogLines = 200;
constexpr auto kLookEvery = std::chrono::milliseconds(60);

QString text_of(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? QString::fromStdString(object[key].get<std::string>())
                                                         : QString();
}

double number_of(const Json& object, const char* key, double fallback) {
  return object.contains(key) && object[key].is_number() ? object[key].get<double>() : fallback;
}

QDateTime time_of(const Json& event) { return QDateTime::fromString(text_of(event, "time"), Qt::ISODateWithMs); }

// What an event changes in the record.
void apply_event(JobRecord& job, const Json& event) {
  const QString type = text_of(event, "type");
  const QDateTime time = time_of(event);
  if (type == QLatin1String("progress")) {
    job.fraction = number_of(event, "fraction", job.fraction);
    const QString phase = text_of(event, "phase");
    if (phase != job.phaseText && !phase.isEmpty()) job.log << phase;
    job.phaseText = phase;
    job.unit = text_of(event, "unit");
    job.timeLeft.add(static_cast<double>(time.toMSecsSinceEpoch()) / 1000.0, phase,
                     static_cast<std::int64_t>(number_of(event, "done", 0.0)),
                     static_cast<std::int64_t>(number_of(event, "total", 0.0)));
    job.rate = job.timeLeft.rate();
    job.secondsLeft = job.timeLeft.seconds();
    job.secondsLeftError = job.timeLeft.error();
  } else if (type == QLatin1String("warning")) {
    job.log << QObject::tr("Note: %1 [%2]").arg(text_of(event, "text"), text_of(event, "code"));
  } else if (type == QLatin1String("started")) {
    job.started = time.toLocalTime();
    job.log << QObject::tr("Started");
  } else if (type == QLatin1String("resumed")) {
    job.log << QObject::tr("Went on");
  } else if (type == QLatin1String("cancelled")) {
    job.ended = time.toLocalTime();
    job.log << QObject::tr("Stopped on request; what was finished is kept");
  } else if (type == QLatin1String("finished")) {
    job.ended = time.toLocalTime();
    job.log << QObject::tr("Done");
  } else if (type == QLatin1String("error")) {
    job.ended = time.toLocalTime();
    job.log << QObject::tr("Failed");
  }
  while (job.log.size() > kLogLines) job.log.removeFirst();
}

void apply_state(JobRecord& job, const JobState& state) {
  job.phase = state.phase;
  if (state.phase == JobPhase::kDone) job.fraction = 1.0;
  if (has_ended(state.phase)) {
    job.secondsLeft = job.secondsLeftError = -1.0;
    if (!job.ended.isValid()) {
      job.ended = QDateTime::fromString(QString::fromStdString(state.updated), Qt::ISODateWithMs).toLocalTime();
    }
  }
  job.result = state.result;
  job.error.reset();
  if (state.phase == JobPhase::kFailed || state.phase == JobPhase::kLost) {
    job.error =
        Error{error_code_of(state.error_code), state.error_id,
              state.error_message.empty() ? "the engine ended without saying why; Resume goes on from its last block"
                                          : state.error_message};
  }
}

}  // namespace

bool has_ended(JobPhase phase) noexcept { return phase != JobPhase::kQueued && phase != JobPhase::kRunning; }

// Watches all jobs from one thread; the window hears of changes only.
class JobCenter::Follower {
 public:
  explicit Follower(JobCenter& center) : center_(center), thread_([this] { loop(); }) {}
  ~Follower() {
    stop_.store(true);
    thread_.join();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void watch(const QString& id, const JobFolder& folder, std::optional<LocalEngine> engine) {
    const bool history = !engine;
    EventReader events = engine ? std::move(engine->events()) : EventReader(folder.events_path());
    const std::lock_guard<std::mutex> lock(mutex_);
    watched_.insert_or_assign(id, Watched{folder, std::move(engine), std::move(events), history});
  }

 private:
  struct Watched {
    JobFolder folder;
    std::optional<LocalEngine> engine;
    EventReader events;
    bool fresh;  // the events so far are history
  };

  void loop() {
    while (!stop_.load()) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (auto it = watched_.begin(); it != watched_.end();)
          it = look(it->first, it->second) ? watched_.erase(it) : std::next(it);
      }
      std::this_thread::sleep_for(kLookEvery);
    }
  }

  // True when the job has ended.
  bool look(const QString& id, Watched& job) {
    const auto code = job.engine ? job.engine->poll() : std::nullopt;
    auto state = job.folder.state();
    if (code && state && (!has_ended(state->phase) || state->phase == JobPhase::kLost)) {
      if (record_dead_engine(job.folder, *code)) state = job.folder.state();
    }
    auto events = job.events.poll();
    const bool history = job.fresh;
    job.fresh = false;
    const bool ended = state && has_ended(state->phase) && (!job.engine || code);
    if ((events && !events->empty()) || ended || history) {
      QMetaObject::invokeMethod(
          &center_,
          [center = &center_, id, history, ended, events = events ? *events : std::vector<Json>(),
           state = state ? std::optional<JobState>(*state) : std::nullopt] {
            center->take(id, events, state, ended, history);
          },
          Qt::QueuedConnection);
    }
    return ended;
  }

  JobCenter& center_;
  std::mutex mutex_;
  std::map<QString, Watched> watched_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

JobCenter::JobCenter(QObject* parent) : QObject(parent), follower_(std::make_unique<Follower>(*this)) {}

JobCenter::~JobCenter() = default;

void JobCenter::take(const QString& id, const std::vector<Json>& events, const std::optional<JobState>& state,
                     bool ended_now, bool history) {
  JobRecord* record = find(id);
  if (!record) return;
  for (const Json& one : events) {
    apply_event(*record, one);
    if (!history) Q_EMIT logged(id, one);
    record = find(id);
    if (!record) return;  // a receiver forgot the job
  }
  if (state && (ended_now || state->phase == JobPhase::kRunning)) apply_state(*record, *state);
  Q_EMIT changed(id);
  if (ended_now) {
    startNext();
    Q_EMIT ended(id);
  }
}

Result<QString> JobCenter::submit(const JobSpec& spec, const QString& title, const std::filesystem::path& folder) {
  CW_ASSIGN(const JobFolder made, JobFolder::create(folder, spec, true));
  remember_job(made);
  JobRecord record;
  record.id = QString::fromStdString(spec.id);
  record.kind = QString::fromStdString(spec.kind);
  record.title = title;
  record.folder = made.path();
  record.started = QDateTime::currentDateTime();
  jobs_.append(record);
  Q_EMIT added(record.id);
  startNext();
  return record.id;
}

Result<QString> JobCenter::attach(const std::filesystem::path& folder, const QString& title) {
  CW_ASSIGN(const JobFolder found, JobFolder::open(folder));
  CW_ASSIGN(const JobState state, found.state());
  const QString id = QString::fromStdString(found.spec().id);
  if (job(id)) return id;
  JobRecord record;
  record.id = id;
  record.kind = QString::fromStdString(found.spec().kind);
  record.title = title;
  record.folder = folder;
  record.started = QDateTime::currentDateTime();
  apply_state(record, state);
  jobs_.append(record);
  Q_EMIT added(id);
  if (record.phase != JobPhase::kQueued) follower_->watch(id, found, std::nullopt);
  return id;
}

void JobCenter::startNext() {
  if (std::any_of(jobs_.begin(), jobs_.end(), [](const JobRecord& job) { return job.phase == JobPhase::kRunning; }))
    return;
  for (JobRecord& job : jobs_) {
    if (job.phase != JobPhase::kQueued) continue;
    auto folder = JobFolder::open(job.folder);
    auto engine = folder ? LocalEngine::start(*folder, true) : Result<LocalEngine>(folder.error());
    if (!engine) {
      job.phase = JobPhase::kFailed;
      job.error = engine.error();
      const QString id = job.id;
      Q_EMIT changed(id);
      Q_EMIT ended(id);
      return startNext();
    }
    job.phase = JobPhase::kRunning;
    job.error.reset();
    follower_->watch(job.id, *folder, std::move(engine).value());
    Q_EMIT changed(job.id);
    return;
  }
}

void JobCenter::cancel(const QString& id) {
  JobRecord* record = find(id);
  if (!record) return;
  if (record->phase == JobPhase::kQueued) {
    record->phase = JobPhase::kCancelled;
    if (auto folder = JobFolder::open(record->folder)) {
      JobState state;
      state.phase = JobPhase::kCancelled;
      (void)folder->write_state(state);  // a queued job that cannot be marked would merely wait again next time
    }
    Q_EMIT changed(id);
    Q_EMIT ended(id);
  } else if (record->phase == JobPhase::kRunning) {
    if (auto folder = JobFolder::open(record->folder)) {
      if (auto asked = folder->request_cancel(); !asked) record->log << QString::fromStdString(asked.error().message);
    }
  }
}

Result<> JobCenter::resume(const QString& id) {
  JobRecord* record = find(id);
  if (record && record->phase == JobPhase::kQueued) startNext();
  if (!record || !has_ended(record->phase) || record->phase == JobPhase::kDone) return {};
  CW_ASSIGN(const JobFolder folder, JobFolder::open(record->folder));
  JobState state;
  state.phase = JobPhase::kQueued;
  CW_TRY(folder.write_state(state));
  record->phase = JobPhase::kQueued;
  record->error.reset();
  record->ended = {};
  Q_EMIT changed(id);
  startNext();
  return {};
}

void JobCenter::forget(const QString& id) {
  const JobRecord* record = job(id);
  if (!record || !has_ended(record->phase)) return;
  if (auto folder = JobFolder::open(record->folder)) forget_job(*folder);
  jobs_.removeIf([&id](const JobRecord& one) { return one.id == id; });
  Q_EMIT removed(id);
}

void JobCenter::move(const QString& id, const QString& before) {
  const auto at = [this](const QString& wanted) {
    return std::find_if(jobs_.begin(), jobs_.end(), [&](const JobRecord& one) { return one.id == wanted; });
  };
  const auto from = at(id);
  if (from == jobs_.end() || from->phase != JobPhase::kQueued || id == before) return;
  const JobRecord record = *from;
  jobs_.erase(from);
  jobs_.insert(at(before), record);
  Q_EMIT changed(id);
}

JobRecord* JobCenter::find(const QString& id) noexcept {
  const auto it = std::find_if(jobs_.begin(), jobs_.end(), [&id](const JobRecord& one) { return one.id == id; });
  return it == jobs_.end() ? nullptr : &*it;
}

const JobRecord* JobCenter::job(const QString& id) const noexcept { return const_cast<JobCenter*>(this)->find(id); }

}  // namespace cw::ui
