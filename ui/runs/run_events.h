// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cw::ui {

/// One figure of a run over its steps, in rising order of steps.
struct Curve {
  std::vector<double> steps;
  std::vector<double> seconds;  ///< of the clock, since 1970
  std::vector<double> values;
  [[nodiscard]] std::size_t size() const noexcept { return steps.size(); }
};

/// What a run said besides its figures: "warning", "note", "phase", "started", "checkpoint", ...
struct RunNote {
  std::string type;
  double seconds = 0.0;  ///< since 1970
  std::string code;      ///< of a warning
  std::string text;
};

/// A run's log as far as it has been read: figures by name ("loss", "validation_loss", "learning_rate",
/// "tokens_per_second", ...) and notes. A run that went on from a checkpoint repeats steps: the later values stand.
struct RunEvents {
  std::map<std::string, Curve, std::less<>> curves;
  std::vector<RunNote> notes;  ///< the last `kMostNotes`
  std::uint64_t offset = 0;    ///< bytes read so far
  std::int64_t lines = 0;
  [[nodiscard]] const Curve* curve(std::string_view name) const;
  /// The last value; nothing where there is none.
  [[nodiscard]] std::optional<double> last(std::string_view name) const;
};
using RunEventsPtr = std::shared_ptr<const RunEvents>;

inline constexpr std::size_t kMostNotes = 1000;

/// Reads on in `events.jsonl` from where `before` ended (nullptr = from the beginning). Returns `before` itself where
/// nothing came. A line that is still being written is left for the next time; a log that became shorter is another one
/// and is read from its beginning. About a fifth of a microsecond per figure. Errors: kIo.
[[nodiscard]] Result<RunEventsPtr> read_events(const std::filesystem::path& file, RunEventsPtr before);

/// The same for the last `bytes` of a log only: enough for the last value of each figure.
[[nodiscard]] Result<RunEventsPtr> read_last_events(const std::filesystem::path& file, std::uint64_t bytes = 32768);

/// "2026-11-21T23:15:29.544Z" as seconds since 1970; 0 where it is none.
[[nodiscard]] double seconds_of(std::string_view utc);

}  // namespace cw::ui
