// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace cw {

/// Appends to `events.jsonl`: one object per line with `seq` (from 1, without gaps), `time` (UTC) and `type`.
/// Opening an existing log cuts off a line that a kill left unfinished and goes on with the next number.
class EventWriter {
 public:
  /// Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<EventWriter> open(const std::filesystem::path& path);
  EventWriter(EventWriter&& other) noexcept;
  EventWriter& operator=(EventWriter&&) = delete;
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;
  ~EventWriter();

  /// One write(2) per event, so that a kill of the process loses nothing that was appended. Errors: kIo, kNoSpace.
  Result<> append(std::string_view type, const Json& fields);
  /// True if the log had events when it was opened: the job is being resumed.
  [[nodiscard]] bool had_events() const noexcept { return had_events_; }

 private:
  EventWriter(int descriptor, std::filesystem::path path, std::int64_t next, bool had_events);
  int descriptor_ = -1;
  std::filesystem::path path_;
  std::int64_t next_sequence_ = 1;
  bool had_events_ = false;
};

/// Follows a log that somebody else writes: `poll` gives the complete lines that came since the last call.
class EventReader {
 public:
  /// `offset`: bytes that were read before.
  explicit EventReader(std::filesystem::path path, std::uint64_t offset = 0)
      : path_(std::move(path)), offset_(offset) {}
  /// Errors: kIo, kParse. A log that does not exist yet has no events.
  [[nodiscard]] Result<std::vector<Json>> poll();

 private:
  std::filesystem::path path_;
  std::uint64_t offset_ = 0;
};

/// What matters of a log that may hold a million events: its first one, and of its last `bytes` all but figures
/// ("metric") and, unless `positions`, the "progress" within a phase but its last. `rest` goes on where they end. Lines
/// that are damaged are left out. Errors: kIo. A log that does not exist yet has no events.
struct LogEnds {
  std::vector<Json> events;
  EventReader rest;
};
[[nodiscard]] Result<LogEnds> read_log_ends(const std::filesystem::path& path, std::uint64_t bytes, bool positions);

}  // namespace cw
