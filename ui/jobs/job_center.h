// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/machines/machine.h"
#include "ui/jobs/job_record.h"

#include <QHash>
#include <QList>
#include <QObject>
#include <map>
#include <memory>
#include <vector>

namespace cw::ui {

class JobFollower;
class RemoteLine;

/// Where a job is to run.
struct JobPlace {
  Machine machine = this_pc();
  SlurmRequest request = {};  ///< of a cluster
};

/// Starts jobs for the window, here and on other machines, and follows them through their job folders: jobs live on
/// when the window closes and are found again by the next one. Nothing here waits: files are read and lines to other
/// machines are held by threads of their own.
class JobCenter : public QObject {
  Q_OBJECT
 public:
  explicit JobCenter(QObject* parent = nullptr);
  ~JobCenter() override;

  /// Makes the job folder and starts the engine on it, detached, here or there. Jobs of one machine run one after the
  /// other, in the order of submission, `kQueued` until then; a cluster has a queue of its own. A job that reads what
  /// another one makes waits for that. Returns the job's id. Errors: kIo, kNoSpace, kNotFound (no engine program).
  Result<QString> submit(const JobSpec& spec, const QString& title, const std::filesystem::path& folder,
                         const JobPlace& place = {});
  /// Follows jobs that were started earlier or elsewhere (find_job_record); those that are on the list already are left
  /// alone. One that waits in the queue goes on waiting until `resume` (of this or another job) or a new job sets the
  /// queue going.
  void attach(std::vector<FoundJob> found);
  void cancel(const QString& id);
  /// Goes on with a cancelled, failed or lost job from its last block, with the queue for a job that waits, or with
  /// following one that could not be followed.
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
  void added(const QStringList& ids);
  void changed(const QString& id);
  /// Any event of the job's log, in order (docs/cli): metrics, warnings, partial results.
  void logged(const QString& id, const cw::Json& event);
  /// Ended: done, failed, cancelled or lost.
  void ended(const QString& id);
  void removed(const QString& id);

 private:
  struct Held;
  void startNext();
  [[nodiscard]] QString nextToStart() const;
  [[nodiscard]] const JobRecord* makerOfInput(const JobRecord& job) const;
  void begin(JobRecord& job);
  Result<> beginHere(JobRecord& job, const JobFolder& folder);
  void beginThere(JobRecord& job, const JobFolder& folder);
  void hold(const QString& id, const JobFolder& folder, bool start);
  void take(const QString& id, const std::vector<Json>& events, const std::optional<JobState>& state, bool ended_now);
  static void showLine(JobRecord& job, bool runs);
  void takeLine(const QString& id, int number, const JobLine& line);
  JobRecord* find(const QString& id) noexcept;
  void countPlaces();

  QList<JobRecord> jobs_;
  QHash<QString, qsizetype> places_;  // in jobs_
  std::unique_ptr<JobFollower> follower_;
  std::map<QString, Held> lines_;  // to other machines
  int lineNumber_ = 0;
};

}  // namespace cw::ui
