// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_record.h"

#include "core/machines/machine_list.h"
#include "core/machines/remote_job.h"

#include <QFileInfo>
#include <QObject>
#include <set>

namespace cw::ui {
namespace {

constexpr int kLogLines = 200;
constexpr std::uint64_t kLogBytes = 65'536;

QString text_of(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? QString::fromStdString(object[key].get<std::string>())
                                                         : QString();
}

double number_of(const Json& object, const char* key, double fallback) {
  return object.contains(key) && object[key].is_number() ? object[key].get<double>() : fallback;
}

// When a file was written here: the clock of another machine may be wrong.
QDateTime written(const std::filesystem::path& file) {
  return QFileInfo(QString::fromStdString(file.string())).lastModified();
}

void collect_paths(const Json& value, QStringList& paths) {
  if (value.is_string()) {
    const QString text = QString::fromStdString(value.get<std::string>());
    if (text.startsWith(QLatin1Char('/'))) paths << text;
  } else if (value.is_structured()) {
    for (const Json& part : value) collect_paths(part, paths);
  }
}

// The time of an event, where this PC wrote it; a job elsewhere ends, for us, when its results are here.
QDateTime time_here(const JobRecord& job, const QDateTime& time) {
  return job.machine.isEmpty() ? time.toLocalTime() : QDateTime::currentDateTime();
}

Result<> find_place(JobRecord& record, const JobFolder& folder) {
  CW_ASSIGN(const std::optional<RemoteJob> job, remote_job_of(folder));
  if (!job) return {};
  record.machine = QString::fromStdString(job->machine);
  // one that is not on the list any more is told of when it is to be reached
  if (const auto machine = find_machine(job->machine)) record.isQueued = machine->kind == MachineKind::kSlurm;
  record.started = written(folder.path() / "spec.json");
  if (has_ended(record.phase)) {
    record.ended = written(folder.path() / "state.json");
  } else if (record.phase == JobPhase::kRunning) {
    record.line.state = JobLine::State::kThere;
  } else if (job->attempt > 0) {  // it waits there, or the window was closed while it was being sent
    record.phase = JobPhase::kRunning;
    record.line.state = job->started ? JobLine::State::kWaiting : JobLine::State::kSending;
  }
  return {};
}

QDateTime time_of(const Json& event) { return QDateTime::fromString(text_of(event, "time"), Qt::ISODateWithMs); }

}  // namespace

QStringList paths_read_by(const JobSpec& spec) {
  static const std::set<std::string_view> kWritten = {"output", "out", "csv", "xlsx"};
  QStringList paths;
  if (!spec.options.is_object()) return paths;
  for (const auto& [key, value] : spec.options.items()) {
    if (kWritten.count(key) == 0) collect_paths(value, paths);
  }
  return paths;
}

bool has_ended(JobPhase phase) noexcept { return phase != JobPhase::kQueued && phase != JobPhase::kRunning; }

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
    if (job.machine.isEmpty()) job.started = time.toLocalTime();
    job.log << QObject::tr("Started");
  } else if (type == QLatin1String("resumed")) {
    job.log << QObject::tr("Went on");
  } else if (type == QLatin1String("cancelled")) {
    job.ended = time_here(job, time);
    job.log << QObject::tr("Stopped on request; what was finished is kept");
  } else if (type == QLatin1String("finished")) {
    job.ended = time_here(job, time);
    job.log << QObject::tr("Done");
  } else if (type == QLatin1String("error")) {
    job.ended = time_here(job, time);
    job.log << QObject::tr("Failed");
  }
  while (job.log.size() > kLogLines) job.log.removeFirst();
}

void apply_state(JobRecord& job, const JobState& state) {
  job.phase = state.phase;
  if (state.phase == JobPhase::kDone) job.fraction = 1.0;
  if (has_ended(state.phase)) {
    job.line = {};
    job.secondsLeft = job.secondsLeftError = -1.0;
    if (!job.ended.isValid()) {
      job.ended = time_here(job, QDateTime::fromString(QString::fromStdString(state.updated), Qt::ISODateWithMs));
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

Result<FoundJob> find_job_record(const std::filesystem::path& path, const QString& title) {
  CW_ASSIGN(const JobFolder folder, JobFolder::open(path));
  CW_ASSIGN(const JobState state, folder.state());
  CW_ASSIGN(LogEnds ends, read_log_ends(folder.events_path(), kLogBytes, state.phase == JobPhase::kRunning));
  JobRecord record;
  record.id = QString::fromStdString(folder.spec().id);
  record.kind = QString::fromStdString(folder.spec().kind);
  record.title = title;
  record.folder = path;
  for (const Json& event : ends.events) apply_event(record, event);
  apply_state(record, state);
  CW_TRY(find_place(record, folder));
  if (record.phase == JobPhase::kQueued) record.reads = paths_read_by(folder.spec());
  if (!record.started.isValid()) record.started = record.ended.isValid() ? record.ended : QDateTime::currentDateTime();
  return FoundJob{std::move(record), folder, std::move(ends.rest)};
}

}  // namespace cw::ui
