// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

namespace cw {

/// What a group of processes uses of this machine.
struct GroupUsage {
  double processors = 0.0;  ///< busy on average since the last look: 1.5 = one and a half
  double bytes = 0.0;       ///< of memory; pages that several share count once
};

/// Looks at a process and at all that it started, and those started: the engines of a run in several processes.
/// A look takes about a millisecond per gigabyte.
class GroupMeter {
 public:
  /// `root`: the process that started all others; this one where it is alone.
  explicit GroupMeter(std::int64_t root);
  /// At most every `interval`; nothing in between, and where the system does not tell.
  [[nodiscard]] std::optional<GroupUsage> look(std::chrono::milliseconds interval);

 private:
  std::int64_t root_;
  std::chrono::steady_clock::time_point last_;
  std::map<std::int64_t, double> seconds_;  ///< of processors by process, up to the last look
};

}  // namespace cw
