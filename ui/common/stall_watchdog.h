// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace cw::ui {

/// Measures how long the window's thread does not return to its event loop. Every test of the window runs one and
/// fails where `longest()` is over 100 ms. Time in which the thread was ready but the processors were taken by other
/// programs is left out, where the kernel tells it (schedstat): that is the machine's stall, not ours. To be made on
/// the window's thread.
class StallWatchdog : public QObject {
  Q_OBJECT
 public:
  explicit StallWatchdog(QObject* parent = nullptr);
  ~StallWatchdog() override;
  /// Longest time in ms between asking and answering since the last `reset`, the present silence included.
  [[nodiscard]] double longest() const noexcept;
  void reset() noexcept;

 private:
  using Clock = std::chrono::steady_clock;
  /// Since the last asking, on the account of this program.
  [[nodiscard]] std::int64_t silence() const noexcept;

  std::atomic<bool> stop_{false};
  std::atomic<std::int64_t> asked_{0};   // ns since the epoch of Clock, 0 = answered
  std::atomic<std::int64_t> waited_{0};  // ns that the thread had waited for a processor when it was asked
  std::atomic<std::int64_t> longest_{0};
  std::string schedstat_;  // the kernel's account of the window's thread
  std::thread thread_;
};

}  // namespace cw::ui
