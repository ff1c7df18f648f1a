// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/stall_watchdog.h"

#include <QMetaObject>
#include <algorithm>

namespace cw::ui {
namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

StallWatchdog::StallWatchdog(QObject* parent) : QObject(parent) {
  thread_ = std::thread([this] {
    while (!stop_.load()) {
      if (asked_.load() == 0) {
        asked_.store(now());
        QMetaObject::invokeMethod(
            this,
            [this] {
              const std::int64_t waited = now() - asked_.load();
              longest_.store(std::max(longest_.load(), waited));
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

double StallWatchdog::longest() const noexcept {
  const std::int64_t asked = asked_.load();
  const std::int64_t silent = asked ? now() - asked : 0;
  return static_cast<double>(std::max(longest_.load(), silent)) / 1e6;
}

void StallWatchdog::reset() noexcept { longest_.store(0); }

}  // namespace cw::ui
