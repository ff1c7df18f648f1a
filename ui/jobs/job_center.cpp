// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_center.h"

#include "core/jobs/job_history.h"
#include "core/jobs/local_launch.h"

#include <QMetaObject>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

namespace cw::ui {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(60);

}  // namespace

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

  void watch(const QString& id, const JobFolder& folder, std::optional<LocalEngine> engine, EventReader events) {
    const std::lock_guard<std::mutex> lock(mutex_);
    coming_.insert_or_assign(id, Watched{folder, std::move(engine), std::move(events)});
  }

 private:
  struct Watched {
    JobFolder folder;
    std::optional<LocalEngine> engine;
    EventReader events;
  };

  void loop() {
    while (!stop_.load()) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (auto& [id, job] : coming_) watched_.insert_or_assign(id, std::move(job));
        coming_.clear();
      }
      for (auto it = watched_.begin(); it != watched_.end() && !stop_.load();)
        it = look(it->first, it->second) ? watched_.erase(it) : std::next(it);
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
    const bool ended = state && has_ended(state->phase) && (!job.engine || code);
    if ((events && !events->empty()) || ended) {
      QMetaObject::invokeMethod(
          &center_,
          [center = &center_, id, ended, events = events ? *events : std::vector<Json>(),
           state = state ? std::optional<JobState>(*state) : std::nullopt] { center->take(id, events, state, ended); },
          Qt::QueuedConnection);
    }
    return ended;
  }

  JobCenter& center_;
  std::mutex mutex_;
  std::map<QString, Watched> coming_;   // from the window's thread, under the mutex
  std::map<QString, Watched> watched_;  // the follower's own: it reads files without holding up the window
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

JobCenter::JobCenter(QObject* parent) : QObject(parent), follower_(std::make_unique<Follower>(*this)) {}

JobCenter::~JobCenter() = default;

void JobCenter::take(const QString& id, const std::vector<Json>& events, const std::optional<JobState>& state,
                     bool ended_now) {
  JobRecord* record = find(id);
  if (!record) return;
  for (const Json& one : events) {
    apply_event(*record, one);
    Q_EMIT logged(id, one);
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
  places_.insert(record.id, jobs_.size());
  jobs_.append(record);
  Q_EMIT added({record.id});
  startNext();
  return record.id;
}

void JobCenter::attach(std::vector<FoundJob> found) {
  QStringList ids;
  for (FoundJob& one : found) {
    const QString id = one.record.id;
    if (job(id)) continue;
    const JobPhase phase = one.record.phase;
    places_.insert(id, jobs_.size());
    jobs_.append(std::move(one.record));
    ids << id;
    if (phase == JobPhase::kRunning) follower_->watch(id, one.folder, std::nullopt, std::move(one.rest));
  }
  if (!ids.isEmpty()) Q_EMIT added(ids);
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
    EventReader events = std::move(engine->events());
    follower_->watch(job.id, *folder, std::move(engine).value(), std::move(events));
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
  jobs_.removeAt(places_.value(id));
  countPlaces();
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
  countPlaces();
  Q_EMIT changed(id);
}

void JobCenter::countPlaces() {
  places_.clear();
  for (qsizetype place = 0; place < jobs_.size(); ++place) places_.insert(jobs_[place].id, place);
}

JobRecord* JobCenter::find(const QString& id) noexcept {
  const auto place = places_.constFind(id);
  return place == places_.constEnd() ? nullptr : &jobs_[*place];
}

const JobRecord* JobCenter::job(const QString& id) const noexcept {
  const auto place = places_.constFind(id);
  return place == places_.constEnd() ? nullptr : &jobs_[*place];
}

}  // namespace cw::ui
