// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_folder.h"

namespace cw {

/// Of several programs that know a job of another machine, the one that may do something for it: "sender" has it
/// started, "follower" talks to the machine. Free again when its holder dies.
class JobLock {
 public:
  JobLock(const JobFolder& folder, const char* name);
  JobLock(JobLock&& other) noexcept;
  JobLock& operator=(JobLock&&) = delete;
  JobLock(const JobLock&) = delete;
  JobLock& operator=(const JobLock&) = delete;
  ~JobLock();
  [[nodiscard]] bool try_now() const;

 private:
  int descriptor_;
};

}  // namespace cw
