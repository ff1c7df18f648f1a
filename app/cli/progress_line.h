// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <chrono>
#include <optional>
#include <string>

namespace cw {

/// One line on a terminal that shows what a job does, how fast, and how long it will take; nothing in a pipe.
/// It appears only after 150 ms, so that short work does not flicker.
class ProgressLine {
 public:
  /// `enabled` false: show nothing, ever.
  explicit ProgressLine(bool enabled);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Takes a `progress` event of a job.
  void show(const Json& event);
  /// Removes the line, before something else is printed.
  void clear();

 private:
  bool enabled_;
  bool visible_ = false;
  std::chrono::steady_clock::time_point began_;
};

/// "Embedding cells 120/1339 (9 %), 35/s, 30 s left": the text of a `progress` event.
[[nodiscard]] std::string progress_text(const Json& event);

/// Says on one line what a run will take, from its `estimate` events: once at the start, and once more when the
/// measured time turns out to differ by a fifth or more from what was said.
class EstimateNotice {
 public:
  /// The line for this event, or nothing where there is nothing new to say.
  [[nodiscard]] std::optional<std::string> take(const Json& event);

 private:
  std::optional<double> said_seconds_;
};

}  // namespace cw
