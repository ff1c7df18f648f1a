// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/jobs/job_folder.h"
#include "ui/jobs/job_record.h"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

namespace cw::ui {

/// The line to a job of another machine: a thread that sends what the job needs and has it started there, then keeps
/// the job's folder here up to date and fetches the results. Whoever reads the folder sees a job like any other.
class RemoteLine {
 public:
  enum class Begin { kStart, kFollow };
  /// Called from the thread of the line. kNone is the last word: the job has ended, or the line was given up.
  using Tell = std::function<void(const JobLine&)>;

  RemoteLine(const JobFolder& folder, Begin begin, Tell tell);
  RemoteLine(const RemoteLine&) = delete;
  RemoteLine& operator=(const RemoteLine&) = delete;
  /// As `leave`, and waits for the thread: a fraction of a second, while a large file is hashed a few.
  ~RemoteLine();

  /// The user wants the job stopped. One that is not there yet is not started.
  void stop();
  /// Follows no longer. The job goes on; one that was being sent waits for the next line.
  void leave();

 private:
  void work(Begin begin);
  [[nodiscard]] bool start();
  [[nodiscard]] bool follow();
  bool pause(std::chrono::milliseconds time) const;

  JobFolder folder_;
  Tell tell_;
  std::shared_ptr<std::atomic<bool>> quit_;  // the sending
  std::atomic<bool> leaving_{false};
  std::chrono::milliseconds wait_;  // before the next try after a cut
  std::thread thread_;
};

}  // namespace cw::ui
