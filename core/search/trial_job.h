// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/local_launch.h"

#include <filesystem>
#include <optional>
#include <string>

namespace cw {

/// A fine-tuning that a search has begun: a job folder of its own and an engine that works on it, beside others.
class TrialJob {
 public:
  /// Begins the job of `folder`, or goes on with it, up to `options["pause_after"]`. One that reached it before is not
  /// begun again; one whose engine outlived an earlier search is followed. `options` without where it writes.
  /// Errors: those of JobFolder and LocalEngine::start.
  [[nodiscard]] static Result<TrialJob> begin(const std::filesystem::path& folder, const std::string& kind,
                                              const Json& options);

  /// The last word of the job, once it has ended. An engine that was killed is started once more. Errors: kIo, kParse.
  [[nodiscard]] Result<std::optional<JobState>> poll();
  /// Share of the job done, up to a second old.
  [[nodiscard]] double progress() const;
  /// Asks it to stop and waits: a checkpoint is written first.
  void stop();

 private:
  TrialJob(JobFolder folder, std::optional<LocalEngine> engine)
      : folder_(std::move(folder)), engine_(std::move(engine)) {}

  JobFolder folder_;
  std::optional<LocalEngine> engine_;  ///< nothing: of an earlier search, or ended before
  bool again_ = false;                 ///< started a second time
};

/// Removes the checkpoints of a trial that will not go on.
void forget_checkpoints(const std::filesystem::path& folder);

}  // namespace cw
