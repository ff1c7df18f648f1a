// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/event_log.h"
#include "core/jobs/job_folder.h"
#include "core/jobs/local_launch.h"

#include <QString>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace cw::ui {

/// Watches the folders of all jobs from one thread and tells of changes only.
class JobFollower {
 public:
  /// What is new of a job; called from the follower's thread.
  struct News {
    QString id;
    std::vector<Json> events;
    std::optional<JobState> state;
    bool ended = false;
  };
  using Tell = std::function<void(News)>;

  explicit JobFollower(Tell tell);
  ~JobFollower();
  JobFollower(const JobFollower&) = delete;
  JobFollower& operator=(const JobFollower&) = delete;

  /// `engine`: the process of a job that was started here; `events` goes on where the log is known.
  void watch(const QString& id, const JobFolder& folder, std::optional<LocalEngine> engine, EventReader events);

 private:
  struct Watched {
    JobFolder folder;
    std::optional<LocalEngine> engine;
    EventReader events;
    std::optional<JobPhase> phase = std::nullopt;  // when it was looked at last
  };
  void loop();
  bool look(const QString& id, Watched& job);

  Tell tell_;
  std::mutex mutex_;
  std::map<QString, Watched> coming_;   // from the window's thread, under the mutex
  std::map<QString, Watched> watched_;  // the follower's own: it reads files without holding up the window
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace cw::ui
