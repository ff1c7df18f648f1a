// SPDX-License-Identifier: GPL-3.0-or-later
// Watching the worker processes of a training run.
#pragma once
#include "core/base/files.h"
#include "tests/support/shared_files.h"

#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace cw {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Worker processes whose parent is `parent`.
inline std::vector<pid_t> workers_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto command = read_file(entry.path() / "cmdline");
    const auto stat = read_file(entry.path() / "stat");
    if (!command.ok() || !stat.ok() || command->find(std::string("worker") + '\0') == std::string::npos) continue;
    const std::string rest = stat->substr(stat->rfind(')') + 2);  // "S 1234 ..."
    if (rest.size() > 2 && rest[0] != 'Z' && std::stoll(rest.substr(2)) == parent) found.push_back(std::stoi(name));
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Whether `condition` holds before so many seconds have passed.
template <class Condition>
bool comes_true(const Condition& condition, double seconds = 30.0) {
  const auto begin = Clock::now();
  while (!condition()) {
    if (seconds_since(begin) > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace cw
