// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs_strip/job_text.h"

#include "ui/jobs/job_error_text.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QHash>
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

}  // namespace

QString job_state_text(const JobRecord& job) {
  switch (job.phase) {
    case JobPhase::kQueued:
      return tr("waiting");
    case JobPhase::kRunning:
      return tr("running");
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
      return "accent";
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
  if (job.phase != JobPhase::kRunning || job.secondsLeft < 0) return {};
  return with_error(job.secondsLeft, job.secondsLeftError);
}

QString job_progress_text(const JobRecord& job) {
  if (job.phase != JobPhase::kRunning) return {};
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
  if (!job.error) return {};
  const QString text = job_error_text(*job.error);
  return job.error->id.empty() ? text : QStringLiteral("%1  [%2]").arg(text, QString::fromStdString(job.error->id));
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
