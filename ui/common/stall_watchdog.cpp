// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/stall_watchdog.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <QMetaObject>
#include <algorithm>
#include <cstdio>

namespace cw::ui {
namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Nanoseconds that a thread was ready to run but had no processor; 0 where the kernel does not say.
std::int64_t waited_for_processor(const std::string& schedstat) {
  long long ran = 0;
  long long waited = 0;
  if (std::FILE* file = std::fopen(schedstat.c_str(), "re")) {
    if (std::fscanf(file, "%lld %lld", &ran, &waited) != 2) waited = 0;
    std::fclose(file);
  }
  return waited;
}

}  // namespace

StallWatchdog::StallWatchdog(QObject* parent)
    : QObject(parent), schedstat_("/proc/self/task/" + std::to_string(::syscall(SYS_gettid)) + "/schedstat") {
  thread_ = std::thread([this] {
    while (!stop_.load()) {
      if (asked_.load() == 0) {
        waited_.store(waited_for_processor(schedstat_));
        asked_.store(now());
        QMetaObject::invokeMethod(
            this,
            [this] {
              longest_.store(std::max(longest_.load(), silence()));
              asked_.store(0);
            },
            Qt::QueuedConnection);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
}

StallWatchdog::~StallWatchdog() {
  stop_.store(true);
  thread_.join();
}

std::int64_t StallWatchdog::silence() const noexcept {
  const std::int64_t asked = asked_.load();
  return asked == 0 ? 0 : now() - asked - (waited_for_processor(schedstat_) - waited_.load());
}

double StallWatchdog::longest() const noexcept {
  return static_cast<double>(std::max(longest_.load(), silence())) / 1e6;
}

void StallWatchdog::reset() noexcept { longest_.store(0); }

}  // namespace cw::ui
