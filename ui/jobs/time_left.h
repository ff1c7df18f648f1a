// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <deque>

namespace cw::ui {

/// How long a job still takes, with its error, from its progress events. One phase at a time: a new phase begins anew,
/// because its steps cost something else. Only differences of the events' times count, so the clock of another machine
/// may be ahead or behind; a jump of it, or a sleep of the computer, is no work and is left out.
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
  [[nodiscard]] double worked(double seconds);
  QString phase_;
  double clock_ = 0.0;    // time of the last event as it was given
  double longest_ = 0.0;  // of the steps between events of this phase
  std::deque<Sample> samples_;
  double left_ = -1.0;
  double error_ = -1.0;
  double rate_ = 0.0;
};

}  // namespace cw::ui
