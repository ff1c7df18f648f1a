// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <deque>

namespace cw::ui {

/// How long a job still takes, with its error, from its progress events. One phase at a time: a new phase begins anew,
/// because its steps cost something else.
class TimeLeft {
 public:
  /// One progress event. `seconds` is the event's own time, so that a log read afterwards gives the same answer.
  void add(double seconds, const QString& phase, std::int64_t done, std::int64_t total);
  /// Seconds left; -1 in the first 3 s of a phase and where nothing moved.
  [[nodiscard]] double seconds() const noexcept { return left_; }
  /// ±: how far the pace of the last third of the time and that of the whole phase lie apart, at least 5 % of what is
  /// left; -1 where `seconds` is.
  [[nodiscard]] double error() const noexcept { return error_; }
  /// Steps per second over the last third of the time; 0 = not known.
  [[nodiscard]] double rate() const noexcept { return rate_; }

 private:
  struct Sample {
    double seconds = 0.0;
    std::int64_t done = 0;
  };
  QString phase_;
  std::deque<Sample> samples_;
  double left_ = -1.0;
  double error_ = -1.0;
  double rate_ = 0.0;
};

}  // namespace cw::ui
