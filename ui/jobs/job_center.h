// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/jobs/job_record.h"

#include <QHash>
#include <QList>
#include <QObject>
#include <memory>
#include <vector>

namespace cw::ui {

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
  /// Follows jobs that were started earlier or elsewhere (find_job_record); those that are on the list already are left
  /// alone. One that waits in the queue goes on waiting until `resume` (of this or another job) or a new job sets the
  /// queue going.
  void attach(std::vector<FoundJob> found);
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
  void added(const QStringList& ids);
  void changed(const QString& id);
  /// Any event of the job's log, in order (docs/cli): metrics, warnings, partial results.
  void logged(const QString& id, const cw::Json& event);
  /// Ended: done, failed, cancelled or lost.
  void ended(const QString& id);
  void removed(const QString& id);

 private:
  class Follower;
  void startNext();
  void take(const QString& id, const std::vector<Json>& events, const std::optional<JobState>& state, bool ended_now);
  JobRecord* find(const QString& id) noexcept;
  void countPlaces();

  QList<JobRecord> jobs_;
  QHash<QString, qsizetype> places_;  // in jobs_
  std::unique_ptr<Follower> follower_;
};

}  // namespace cw::ui
