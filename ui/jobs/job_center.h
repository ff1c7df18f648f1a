// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/jobs/job_folder.h"
#include "ui/jobs/time_left.h"

#include <QDateTime>
#include <QList>
#include <QObject>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

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

/// Starts engine processes for the window and follows them through their job folders: jobs live on when the window
/// closes and are found again by the next one. Nothing here waits: files are read by a thread of its own.
class JobCenter : public QObject {
  Q_OBJECT
 public:
  explicit JobCenter(QObject* parent = nullptr);
  ~JobCenter() override;

  /// Makes the job folder and starts the engine on it, detached. Jobs that use the model run one after the other, in
  /// the order of submission; `kQueued` until then. Returns the job's id. Errors: kIo, kNoSpace, kNotFound (no engine
  /// program).
  Result<QString> submit(const JobSpec& spec, const QString& title, const std::filesystem::path& folder);
  /// Follows a job that was started earlier or elsewhere. One that waits in the queue goes on waiting until `resume`
  /// (of this or another job) or a new job sets the queue going. Errors: kNotFound E-JOB-004, kParse.
  Result<QString> attach(const std::filesystem::path& folder, const QString& title);
  void cancel(const QString& id);
  /// Goes on with a cancelled, failed or lost job from its last block, or with the queue for a job that waits.
  /// Errors: as `submit`.
  Result<> resume(const QString& id);
  /// Takes an ended job off the list; its folder stays.
  void forget(const QString& id);
  /// Puts a queued job before another (or last where `before` is empty).
  void move(const QString& id, const QString& before);

  /// Newest last.
  [[nodiscard]] const QList<JobRecord>& jobs() const noexcept { return jobs_; }
  [[nodiscard]] const JobRecord* job(const QString& id) const noexcept;

 Q_SIGNALS:
  void added(const QString& id);
  void changed(const QString& id);
  /// Any event of the job's log, in order (docs/cli): metrics, warnings, partial results.
  void logged(const QString& id, const cw::Json& event);
  /// Ended: done, failed, cancelled or lost.
  void ended(const QString& id);
  void removed(const QString& id);

 private:
  class Follower;
  void startNext();
  void take(const QString& id, const std::vector<Json>& events, const std::optional<JobState>& state, bool ended_now,
            bool history);
  JobRecord* find(const QString& id) noexcept;

  QList<JobRecord> jobs_;
  std::unique_ptr<Follower> follower_;
};

}  // namespace cw::ui
