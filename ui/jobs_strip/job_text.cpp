// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs_strip/job_text.h"

#include "ui/jobs/job_error_text.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QHash>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Jobs", text); }

// The error in the unit of the time: "6 min left ±1".
QString with_error(double seconds, double error) {
  const QString time = duration_text(seconds);
  if (error < 0) return time;
  const bool minutes = seconds >= 90.0;
  const auto rounded = std::max(1LL, std::llround(minutes ? error / 60.0 : error));
  return QStringLiteral("%1 ±%2").arg(time).arg(rounded);
}

// What the engine counts; the perturbed cells of a run are called passes everywhere else.
QString unit_text(const JobRecord& job) {
  if (job.kind == QLatin1String("perturb") && job.unit == QLatin1String("steps")) return tr("passes");
  return job.unit;
}

QString bytes_of(const JobLine& line) {
  return line.total > 0
             ? tr("%1 of %2")
                   .arg(bytes_text(static_cast<double>(line.done)), bytes_text(static_cast<double>(line.total)))
             : QString();
}

QString sending_text(const JobRecord& job) {
  const JobLine& line = job.line;
  if (line.phase == QLatin1String("Packing files")) {
    return tr("packing the engine for %1: %2 of %3 files").arg(job.machine).arg(line.done).arg(line.total);
  }
  const QString bytes = bytes_of(line);
  return bytes.isEmpty() ? tr("looking what %1 has already").arg(job.machine)
                         : tr("sending to %1: %2").arg(job.machine, bytes);
}

// How it is with a job elsewhere, where that matters more than its progress.
QString line_text(const JobRecord& job) {
  switch (job.line.state) {
    case JobLine::State::kSending:
      return sending_text(job);
    case JobLine::State::kWaiting:
      return job.isQueued ? tr("in the queue of %1").arg(job.machine) : tr("starting on %1").arg(job.machine);
    case JobLine::State::kCut:
      return tr("no connection to %1 since %2; the run goes on there")
          .arg(job.machine, QLocale::c().toString(job.line.since, QStringLiteral("HH:mm")));
    case JobLine::State::kFetching: {
      const QString bytes = bytes_of(job.line);
      return bytes.isEmpty() ? tr("fetching the results") : tr("fetching the results: %1").arg(bytes);
    }
    case JobLine::State::kApart:
      return tr("not followed; the run goes on on %1").arg(job.machine);
    case JobLine::State::kNone:
    case JobLine::State::kThere:
      break;
  }
  return {};
}

QString line_state_text(const JobLine& line) {
  switch (line.state) {
    case JobLine::State::kSending:
      return tr("sending");
    case JobLine::State::kWaiting:
      return tr("waiting there");
    case JobLine::State::kCut:
      return tr("no connection");
    case JobLine::State::kFetching:
      return tr("fetching");
    case JobLine::State::kApart:
      return tr("not followed");
    case JobLine::State::kNone:
    case JobLine::State::kThere:
      break;
  }
  return tr("running");
}

}  // namespace

QString job_place_text(const JobRecord& job) { return job.machine.isEmpty() ? tr("This PC") : job.machine; }

QString job_state_text(const JobRecord& job) {
  switch (job.phase) {
    case JobPhase::kQueued:
      return tr("waiting");
    case JobPhase::kRunning:
      return line_state_text(job.line);
    case JobPhase::kDone:
      return tr("done");
    case JobPhase::kFailed:
      return tr("failed");
    case JobPhase::kCancelled:
      return tr("stopped");
    case JobPhase::kLost:
      return tr("interrupted");
  }
  return {};
}

const char* job_state_color(const JobRecord& job) {
  switch (job.phase) {
    case JobPhase::kRunning:
      return job.line.state == JobLine::State::kCut || job.line.state == JobLine::State::kApart ? "warning" : "accent";
    case JobPhase::kDone:
      return "good";
    case JobPhase::kFailed:
      return "bad";
    case JobPhase::kLost:
      return "warning";
    default:
      return "ink-3";
  }
}

QString job_time_left_text(const JobRecord& job) {
  if (job.phase != JobPhase::kRunning || job.secondsLeft < 0 || !line_text(job).isEmpty()) return {};
  return with_error(job.secondsLeft, job.secondsLeftError);
}

QString job_progress_text(const JobRecord& job) {
  if (job.phase != JobPhase::kRunning) return {};
  if (const QString line = line_text(job); !line.isEmpty()) return line;
  QStringList parts{percent_text(job.fraction)};
  if (job.rate > 0) {
    const QString rate = job.rate >= 10 ? count_text(std::llround(job.rate)) : number_text(job.rate, 2);
    parts << QStringLiteral("%1 %2/s").arg(rate, unit_text(job));
  }
  if (job.secondsLeft >= 0) {
    const QString time = duration_text(job.secondsLeft);
    parts << tr("%1 left%2").arg(time, with_error(job.secondsLeft, job.secondsLeftError).mid(time.size()));
  } else if (job.rate <= 0 && !job.phaseText.isEmpty()) {
    parts << job.phaseText;
  }
  return parts.join(QStringLiteral(" · "));
}

QString job_reason_text(const JobRecord& job) {
  if (job.phase == JobPhase::kCancelled) return tr("Stopped on request. What was finished is kept; Resume goes on.");
  if (job.phase == JobPhase::kLost) {
    return tr(
        "The engine ended without a last word: the computer was switched off, or the program was ended from "
        "outside. What was finished is kept; Resume goes on from there.");
  }
  const std::optional<Error>& error = job.line.state == JobLine::State::kApart ? job.line.error : job.error;
  if (!error) return {};
  const QString text = job_error_text(*error);
  return error->id.empty() ? text : QStringLiteral("%1  [%2]").arg(text, QString::fromStdString(error->id));
}

QString job_kind_text(const QString& kind) {
  static const QHash<QString, const char*> kKinds = {
      {QStringLiteral("tokenize"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Rank lists of cells")},
      {QStringLiteral("medians"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Dictionary")},
      {QStringLiteral("embed"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Embedding")},
      {QStringLiteral("map"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Map and clusters")},
      {QStringLiteral("markers"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Marker genes")},
      {QStringLiteral("split"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Training and test cells")},
      {QStringLiteral("evaluate"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Evaluation")},
      {QStringLiteral("perturb"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Perturbation")},
      {QStringLiteral("stats"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Ranked list")},
      {QStringLiteral("pretrain"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Training")},
      {QStringLiteral("search"), QT_TRANSLATE_NOOP("cw::ui::Jobs", "Searching settings")},
  };
  const char* text = kKinds.value(kind, nullptr);
  return text ? tr(text) : kind;
}

}  // namespace cw::ui
