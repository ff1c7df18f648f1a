// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_record.h"

#include <QObject>

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

QDateTime time_of(const Json& event) { return QDateTime::fromString(text_of(event, "time"), Qt::ISODateWithMs); }

}  // namespace

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
  if (!record.started.isValid()) record.started = record.ended.isValid() ? record.ended : QDateTime::currentDateTime();
  return FoundJob{std::move(record), folder, std::move(ends.rest)};
}

}  // namespace cw::ui
