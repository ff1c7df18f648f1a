// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_center.h"

#include "core/jobs/job_history.h"
#include "core/jobs/local_launch.h"
#include "core/machines/remote_job.h"
#include "ui/jobs/job_follower.h"
#include "ui/jobs/remote_line.h"

#include <QMetaObject>
#include <QSet>
#include <algorithm>
#include <utility>

namespace cw::ui {

/// A line, and which of those to this job it is.
struct JobCenter::Held {
  int number = 0;
  std::unique_ptr<RemoteLine> line;
  bool runs = false;  // the job was seen at work
};

JobCenter::JobCenter(QObject* parent)
    : QObject(parent), follower_(std::make_unique<JobFollower>([this](JobFollower::News news) {
        QMetaObject::invokeMethod(
            this, [this, news = std::move(news)] { take(news.id, news.events, news.state, news.ended); },
            Qt::QueuedConnection);
      })) {}

JobCenter::~JobCenter() {
  for (auto& [id, held] : lines_) held.line->leave();  // all at once, so that they are waited for together
}

// Heard, but not at work: it waits there.
void JobCenter::showLine(JobRecord& job, bool runs) {
  const bool isHeard = job.line.state == JobLine::State::kThere || job.line.state == JobLine::State::kWaiting;
  if (isHeard) job.line.state = runs ? JobLine::State::kThere : JobLine::State::kWaiting;
}

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
  if (const auto held = lines_.find(id); held != lines_.end()) {
    if (state) held->second.runs = state->phase == JobPhase::kRunning;
    if (ended_now) held->second.line->leave();
    showLine(*record, held->second.runs);
  }
  Q_EMIT changed(id);
  if (ended_now) {
    startNext();
    Q_EMIT ended(id);
  }
}

Result<QString> JobCenter::submit(const JobSpec& spec, const QString& title, const std::filesystem::path& folder,
                                  const JobPlace& place) {
  CW_ASSIGN(const JobFolder made, JobFolder::create(folder, spec, true));
  const bool isElsewhere = place.machine.kind != MachineKind::kThisPc;
  if (isElsewhere) CW_TRY(assign_machine(made, place.machine, place.request));
  remember_job(made);
  JobRecord record;
  record.id = QString::fromStdString(spec.id);
  record.kind = QString::fromStdString(spec.kind);
  record.title = title;
  record.folder = made.path();
  record.started = QDateTime::currentDateTime();
  record.machine = isElsewhere ? QString::fromStdString(place.machine.name) : QString();
  record.isQueued = place.machine.kind == MachineKind::kSlurm;
  record.reads = paths_read_by(spec);
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
    const bool runs = one.record.phase == JobPhase::kRunning;
    const bool isElsewhere = !one.record.machine.isEmpty();
    const bool isSent = one.record.line.state == JobLine::State::kSending;
    places_.insert(id, jobs_.size());
    jobs_.append(std::move(one.record));
    ids << id;
    if (runs) follower_->watch(id, one.folder, std::nullopt, std::move(one.rest));
    if (runs && isElsewhere) hold(id, one.folder, isSent);
  }
  if (!ids.isEmpty()) Q_EMIT added(ids);
}

void JobCenter::startNext() {
  for (QString id = nextToStart(); !id.isEmpty(); id = nextToStart()) begin(*find(id));
}

QString JobCenter::nextToStart() const {
  QSet<QString> busy;
  for (const JobRecord& job : jobs_) {
    if (job.phase == JobPhase::kRunning && !job.isQueued) busy << job.machine;
  }
  const auto next = std::find_if(jobs_.begin(), jobs_.end(), [&](const JobRecord& job) {
    if (job.phase != JobPhase::kQueued || (!job.isQueued && busy.contains(job.machine))) return false;
    const JobRecord* maker = makerOfInput(job);
    return !maker || has_ended(maker->phase);
  });
  return next == jobs_.end() ? QString() : next->id;
}

// The job that makes what this one reads, unless it is done.
const JobRecord* JobCenter::makerOfInput(const JobRecord& job) const {
  const auto made = [&job](const JobRecord& other) {
    if (other.phase == JobPhase::kDone || other.id == job.id) return false;
    const QString inside = QString::fromStdString(other.folder.string()) + QLatin1Char('/');
    return std::any_of(job.reads.begin(), job.reads.end(),
                       [&inside](const QString& path) { return path.startsWith(inside); });
  };
  if (job.reads.isEmpty()) return nullptr;
  const auto maker = std::find_if(jobs_.begin(), jobs_.end(), made);
  return maker == jobs_.end() ? nullptr : &*maker;
}

void JobCenter::begin(JobRecord& job) {
  const QString id = job.id;
  const auto start = [this, &job]() -> Result<> {
    if (const JobRecord* maker = makerOfInput(job)) {
      return Error{ErrorCode::kNotFound, "E-UI-032",
                   "it reads what the job '" + maker->title.toStdString() +
                       "' makes, which is not done; go on with that one first, then with this"};
    }
    CW_ASSIGN(const JobFolder folder, JobFolder::open(job.folder));
    if (job.machine.isEmpty()) return beginHere(job, folder);
    beginThere(job, folder);
    return {};
  };
  job.error.reset();
  const auto started = start();
  job.phase = started ? JobPhase::kRunning : JobPhase::kFailed;
  if (!started) job.error = started.error();
  Q_EMIT changed(id);
  if (!started) Q_EMIT ended(id);
}

Result<> JobCenter::beginHere(JobRecord& job, const JobFolder& folder) {
  CW_ASSIGN(LocalEngine engine, LocalEngine::start(folder, true));
  EventReader events = std::move(engine.events());
  follower_->watch(job.id, folder, std::move(engine), std::move(events));
  return {};
}

void JobCenter::beginThere(JobRecord& job, const JobFolder& folder) {
  job.line.state = JobLine::State::kSending;
  std::error_code status;
  const auto known = std::filesystem::file_size(folder.events_path(), status);  // of earlier attempts
  follower_->watch(job.id, folder, std::nullopt, EventReader(folder.events_path(), status ? 0 : known));
  hold(job.id, folder, true);
}

void JobCenter::hold(const QString& id, const JobFolder& folder, bool start) {
  const int number = ++lineNumber_;
  auto line = std::make_unique<RemoteLine>(
      folder, start ? RemoteLine::Begin::kStart : RemoteLine::Begin::kFollow, [this, id, number](const JobLine& news) {
        QMetaObject::invokeMethod(
            this, [this, id, number, news] { takeLine(id, number, news); }, Qt::QueuedConnection);
      });
  lines_[id] = Held{number, std::move(line), false};
}

void JobCenter::takeLine(const QString& id, int number, const JobLine& line) {
  const auto held = lines_.find(id);
  if (held == lines_.end() || held->second.number != number) return;
  JobRecord* record = find(id);
  const bool runs = held->second.runs;
  const bool over = line.state == JobLine::State::kNone;
  if (over) lines_.erase(held);
  if (!record || has_ended(record->phase) || over) return;
  record->line = line;
  showLine(*record, runs);
  Q_EMIT changed(id);
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
    const auto folder = JobFolder::open(record->folder);
    const auto asked = folder ? folder->request_cancel() : Result<>(folder.error());
    if (!asked) record->log << QString::fromStdString(asked.error().message);
    if (record->machine.isEmpty() || !folder) return;
    if (const auto held = lines_.find(id); held != lines_.end()) {
      held->second.line->stop();
    } else {
      hold(id, *folder, false);
    }
  }
}

Result<> JobCenter::resume(const QString& id) {
  JobRecord* record = find(id);
  if (record && record->phase == JobPhase::kQueued) startNext();
  if (record && record->phase == JobPhase::kRunning && record->line.state == JobLine::State::kApart) {
    CW_ASSIGN(const JobFolder folder, JobFolder::open(record->folder));
    hold(id, folder, false);
  }
  if (!record || !has_ended(record->phase) || record->phase == JobPhase::kDone) return {};
  CW_ASSIGN(const JobFolder folder, JobFolder::open(record->folder));
  JobState state;
  state.phase = JobPhase::kQueued;
  CW_TRY(folder.write_state(state));
  record->phase = JobPhase::kQueued;
  record->reads = paths_read_by(folder.spec());
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
