// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/jobs/event_log.h"
#include "core/jobs/job_folder.h"
#include "ui/jobs/time_left.h"

#include <QDateTime>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <optional>

namespace cw::ui {

/// What the window knows of one job.
struct JobRecord {
  QString id;
  QString kind;   ///< "tokenize", "embed", "map", "perturb", ...
  QString title;  ///< "ctrl → stim, delete all"
  std::filesystem::path folder;
  JobPhase phase = JobPhase::kQueued;
  double fraction = 0.0;           ///< of the whole job
  QString phaseText;               ///< "Embedding cells"
  double rate = 0.0;               ///< units per second; 0 = not known
  QString unit;                    ///< "passes"
  double secondsLeft = -1.0;       ///< -1 = not known yet
  double secondsLeftError = -1.0;  ///< ±, -1 = not known
  QDateTime started;               ///< when it was asked for
  QDateTime ended;                 ///< of an ended job
  Json result;                     ///< of a finished job
  std::optional<Error> error;      ///< of a failed one
  QStringList log;                 ///< last lines in plain words: phases, warnings, results
  TimeLeft timeLeft;               ///< where the three numbers above come from
};

/// Done, failed, cancelled or lost.
[[nodiscard]] bool has_ended(JobPhase phase) noexcept;

/// What an event changes in the record.
void apply_event(JobRecord& job, const Json& event);
/// What the job's last word changes in the record.
void apply_state(JobRecord& job, const JobState& state);

/// A job of earlier hours, and where its log goes on.
struct FoundJob {
  JobRecord record;
  JobFolder folder;
  EventReader rest;
};

/// Reads what the window shows of a job's folder: a few short files and the ends of its log. For a thread of its own.
/// Errors: kNotFound E-JOB-004, kParse, kIo.
[[nodiscard]] Result<FoundJob> find_job_record(const std::filesystem::path& folder, const QString& title);

}  // namespace cw::ui
