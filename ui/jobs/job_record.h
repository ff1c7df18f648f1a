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

/// How it is with a job of another machine, apart from what the job itself says.
struct JobLine {
  enum class State {
    kNone,      ///< a job of this PC, or one that has ended
    kSending,   ///< what it needs is on the way there
    kWaiting,   ///< in the queue of the machine
    kThere,     ///< it runs, and is heard
    kCut,       ///< no connection; it goes on there
    kFetching,  ///< it is done there; its results are on the way here
    kApart      ///< it is not followed, for the reason in `error`
  };
  State state = State::kNone;
  QString phase;  ///< of kSending, in the words of the core: "Sending bytes"
  std::int64_t done = 0;
  std::int64_t total = 0;
  QDateTime since;             ///< of kCut
  std::optional<Error> error;  ///< of kCut and kApart
};

/// What the window knows of one job.
struct JobRecord {
  QString id;
  QString kind;   ///< "tokenize", "embed", "map", "perturb", ...
  QString title;  ///< "ctrl → stim, delete all"
  std::filesystem::path folder;
  QString machine;        ///< where it runs; "" = this PC
  bool isQueued = false;  ///< that machine has a queue of its own (Slurm)
  JobLine line;           ///< to that machine
  QStringList reads;      ///< of a waiting job: paths of what it reads
  JobPhase phase = JobPhase::kQueued;
  double fraction = 0.0;           ///< of the whole job
  QString phaseText;               ///< "Embedding cells"
  double rate = 0.0;               ///< units per second; 0 = not known
  QString unit;                    ///< "passes"
  double secondsLeft = -1.0;       ///< -1 = not known yet
  double secondsLeftError = -1.0;  ///< ±, -1 = not known
  QDateTime started;               ///< when it was asked for, by the clock of this PC
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

/// Paths that a job reads: inputs, models, lists.
[[nodiscard]] QStringList paths_read_by(const JobSpec& spec);

/// Reads what the window shows of a job's folder: a few short files and the ends of its log. For a thread of its own.
/// Errors: kNotFound E-JOB-004, kParse, kIo.
[[nodiscard]] Result<FoundJob> find_job_record(const std::filesystem::path& folder, const QString& title);

}  // namespace cw::ui
