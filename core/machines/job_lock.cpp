// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/job_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

namespace cw {

JobLock::JobLock(const JobFolder& folder, const char* name)
    : descriptor_(::open((folder.path() / "control" / name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}

JobLock::JobLock(JobLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

JobLock::~JobLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool JobLock::try_now() const { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

}  // namespace cw
